// SPDX-License-Identifier: MIT
// Choosing from the command line: cross-validation and search.
#include "command.h"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

using namespace ingot::testing;
using Json = nlohmann::json;

TEST_CASE("cross-validate: a row for each fold, and the means") {
    const TemporaryFolder folder;
    const Ended ended = run_ingot(folder,
                                  "cross-validate --data spirals --epochs 40 --batch-size 32 "
                                  "--lr 0.01 --folds 3 --repeats 2");
    CAPTURE(ended.error);
    REQUIRE(ended.code == 0);
    CHECK(holds(ended.out, "mlp on spirals: 600 samples, 3 folds, 40 epochs"));
    CHECK(holds(ended.error, "repeat 2, fold 3: loss "));
    CHECK(holds(ended.out, "accuracy"));
    // The same again, to the last digit.
    CHECK(run_ingot(folder,
                    "cross-validate --data spirals --epochs 40 --batch-size 32 --lr 0.01 "
                    "--folds 3 --repeats 2")
              .out == ended.out);
}

TEST_CASE("search: a table, a file that it goes on from, and a page") {
    const TemporaryFolder folder;
    const std::string grid =
        "search --data spirals --epochs 3 --by grid --try lr=0.001,0.01 "
        "--try batch-size=32..64:steps=2 --out found";
    const Ended ended = run_ingot(folder, grid);
    CAPTURE(ended.error);
    REQUIRE(ended.code == 0);
    const Json found = Json::parse(contents_of(folder / "found/search.json"));
    CHECK(found["trials"].size() == 4);
    CHECK(holds(ended.error, "trial 4: batch-size 64 lr 0.01: accuracy 0."));
    CHECK(holds(ended.out, "accuracy"));
    CHECK(holds(contents_of(folder / "found/search.html"), "batch-size"));
    const Ended again = run_ingot(folder, grid);  // nothing is left to try
    CHECK(again.code == 0);
    CHECK_FALSE(holds(again.error, "trial"));
    CHECK(again.out == ended.out);
    const Ended random = run_ingot(folder,
                                   "search --data spirals --epochs 1 --trials 3 --watch loss "
                                   "--try lr=1e-4..1e-1:log --try optimizer=adam,sgd");
    CHECK(random.code == 0);
    CHECK(holds(random.error, "trial 3: "));
}

TEST_CASE("choosing: what is wrong") {
    const TemporaryFolder folder;
    struct Mistake {
        const char* arguments;
        int code;
        const char* sentence;
    };
    const Mistake mistakes[] = {
        {"cross-validate --folds 1", 2, "--folds: 1 is below 2"},
        {"cross-validate --validation 0.1", 2, "--validation"},
        {"search --data spirals", 2, "--try is required"},
        {"search --data spirals --try depth=1,2", 1,
         "--try 'depth=1,2': 'depth' is none of batch-size, epochs, lr, "},
        {"search --data spirals --try lr", 1, "--try 'lr': '' is neither numbers such as 16,32,64"},
        {"search --data spirals --try lr=a..b", 1, "'a..b' is neither numbers"},
        {"search --data spirals --try lr=1..2:steps=1", 1, "'steps=1' is neither numbers"},
        {"search --data spirals --try lr=1..2 --try lr=1", 1, "lr"},
        {"search --data spirals --try lr=1..2 --watch r2", 1,
         "search: --watch 'r2' is neither loss nor accuracy"},
        {"search --data spirals --try lr=1..2 --validation 0", 1, "--validation above 0"},
        {"search --data spirals --epochs 1 --try optimizer=magic --trials 1", 1,
         "optimizer: 'magic' is none of sgd, adam, adamw"},
    };
    for (const Mistake& mistake : mistakes) {
        const Ended ended = run_ingot(folder, mistake.arguments);
        CAPTURE(mistake.arguments);
        CAPTURE(ended.error);
        CHECK(ended.code == mistake.code);
        CHECK(holds(ended.error, "ingot: "));
        CHECK(holds(ended.error, mistake.sentence));
    }
}
