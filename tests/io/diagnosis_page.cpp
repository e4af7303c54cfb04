// SPDX-License-Identifier: MIT
// The page of a diagnosis: all of it is there, the worst first, escaped, and nothing is fetched.
#include "support/temporary_folder.h"
#include "support/text.h"

#include <doctest/doctest.h>
#include <ingot/diagnosis.h>

#include <cmath>
#include <string>

using namespace ingot;
using doctor::Verdict;
using namespace ingot::testing;

namespace {

std::string page_of(const doctor::Diagnosis& diagnosis) {
    const TemporaryFolder folder;
    io::write_diagnosis_html(folder / "page.html", diagnosis);
    return contents_of(folder / "page.html");
}

}  // namespace

TEST_CASE("diagnosis page: everything handed in is on the page, nothing is fetched") {
    doctor::Diagnosis diagnosis{.title = "mlp & <data>"};
    diagnosis.summary = "3 parameters";
    diagnosis.findings = {{"layers", Verdict::kHealthy, "", "All well.", ""},
                          {"gradients", Verdict::kIll, "wrong gradient", "0.8 & 1", "Mend <it>."}};
    diagnosis.history.epochs.resize(2);
    diagnosis.history.epochs[0].train_loss = 2;
    diagnosis.history.epochs[1].train_loss = 1;
    diagnosis.overfits.resize(1);
    diagnosis.overfits[0].what = "one batch";
    diagnosis.overfits[0].losses = {2, 1, 0.1F};
    diagnosis.overfits[0].goal = 0.12;
    diagnosis.learning_curve = {{10, 0.1, 1}, {20, 0.2, 0.8}};
    diagnosis.layers.resize(1);
    diagnosis.layers[0].name = "conv<1>";
    diagnosis.layers[0].gradient = 0.25;
    diagnosis.parameters.resize(1);
    diagnosis.parameters[0].name = "conv.weight";
    diagnosis.gradients.resize(1);
    diagnosis.gradients[0].parameter = "conv.bias";
    diagnosis.gradients[0].analytic = 1;
    diagnosis.gradients[0].numeric = 2;
    diagnosis.labels.samples = 100;
    diagnosis.labels.class_names = {"Bag", "Coat"};
    diagnosis.labels.suspects.resize(60);
    diagnosis.labels.suspects[0].prediction = 1;
    diagnosis.labels.suspects[0].sample = 4711;
    diagnosis.labels.suspects[0].picture = {1, 1, 1, {9}};
    const std::string page = page_of(diagnosis);
    CHECK(holds(page, "<title>mlp &amp; &lt;data&gt;</title>"));
    CHECK(page.find("wrong gradient") < page.find("All well."));
    CHECK(holds(page, "0.8 &amp; 1"));
    CHECK(holds(page, "Mend &lt;it&gt;."));
    CHECK(holds(page, "conv&lt;1&gt;"));
    for (const char* part :
         {"conv.weight", "conv.bias", "Learning one batch by heart", "Parts of the training data",
          "sample 4711", "looks like Coat", "the worst 48 of 60", "prefers-color-scheme: dark",
          "src=\"data:image/png;base64,iVBORw0KGgo"}) {
        CAPTURE(part);
        CHECK(holds(page, part));
    }
    for (const char* tag : {"div", "section", "svg", "table", "figure", "span", "tr", "td"}) {
        CAPTURE(tag);
        CHECK(count_of(page, std::string("<") + tag + ">") +
                  count_of(page, std::string("<") + tag + " ") ==
              count_of(page, std::string("</") + tag));
    }
    for (const char* outside : {"https://", "url(", "@import", "<script", "<link"}) {
        CHECK_FALSE(holds(page, outside));
    }
    CHECK(count_of(page, "http://") == count_of(page, "<svg"));  // SVG's name
    CHECK_FALSE(holds(page, "nan"));
}

TEST_CASE("diagnosis page: nothing, and text that would be markup") {
    CHECK(holds(page_of({}), "<h1>Diagnosis</h1>"));
    const std::string evil = "\"><script>alert('1')</script>\x01";
    doctor::Diagnosis diagnosis{.title = evil};
    diagnosis.summary = evil;
    diagnosis.findings = {{evil, Verdict::kNote, evil, evil, evil}};
    diagnosis.layers.resize(1);
    diagnosis.layers[0].name = diagnosis.layers[0].type = evil;
    diagnosis.layers[0].gradient = INFINITY;
    diagnosis.parameters.resize(1);
    diagnosis.parameters[0].name = evil;
    diagnosis.gradients.resize(1);
    diagnosis.gradients[0].parameter = evil;
    diagnosis.labels.class_names = {evil};
    diagnosis.labels.suspects.resize(1);
    diagnosis.labels.suspects[0].name = evil;
    CHECK_FALSE(holds(page_of(diagnosis), "<script"));
}
