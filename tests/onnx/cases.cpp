// SPDX-License-Identifier: MIT
// Every case of ONNX's backend tests: a model with inputs and the outputs that ONNX's own reference
// computed for them. A case passes, or it is skipped for the reason that skips.txt gives, or it
// fails; a line of skips.txt that is no longer true fails, too.
//
// INGOT_CASE=text in the environment runs only the cases whose names contain the text and reports
// each of them.
#include "session.h"
#include "skips.h"

#include "core/check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

using namespace ingot;
using namespace ingot::onnx_tests;
namespace fs = std::filesystem;

namespace {

template <typename Message>
Message parse(const fs::path& file) {
    Message message;
    std::ifstream in(file, std::ios::binary);
    if (!in || !message.ParseFromIstream(&in))
        fail(ErrorKind::kFile, "cannot read {}", file.string());
    return message;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory()) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

TypedArray tensor_file(const fs::path& folder, const std::string& stem, int index,
                       const onnx::ValueInfoProto& info) {
    if (!info.type().has_tensor_type()) {
        fail(ErrorKind::kUnsupported, "{} is a sequence or an optional", info.name());
    }
    auto tensor = parse<onnx::TensorProto>(folder / fmt::format("{}_{}.pb", stem, index));
    // numpy has no bfloat16, so ONNX's files hold the bits as integers of 16.
    if (info.type().tensor_type().elem_type() == onnx::TensorProto::BFLOAT16 &&
        tensor.data_type() == onnx::TensorProto::UINT16) {
        tensor.set_data_type(onnx::TensorProto::BFLOAT16);
    }
    return read_tensor(tensor);
}

std::int64_t opset_of(const onnx::ModelProto& model, const std::string& domain) {
    for (const auto& opset : model.opset_import()) {
        if (opset.domain() == domain) return opset.version();
    }
    return 0;
}

void run_node(const onnx::NodeProto& node, const onnx::ModelProto& model, Environment& environment,
              Session& session) {
    Call call(node, opset_of(model, node.domain()), environment, session);
    const Values outputs = adapter_of(node.op_type())(call);
    for (int i = 0; i < node.output_size(); ++i) {
        const auto index = static_cast<std::size_t>(i);
        if (node.output(i).empty()) continue;
        if (index >= outputs.size() || !outputs[index]) {
            fail(ErrorKind::kUnsupported, "{}: the adapter gives no output {}", node.op_type(), i);
        }
        environment[node.output(i)] = outputs[index];
    }
}

// What is wrong with the results for one folder of inputs and outputs; empty: nothing.
std::string run_set(const onnx::ModelProto& model, const fs::path& set) {
    Environment environment;
    Session session;
    for (const auto& tensor : model.graph().initializer())
        environment[tensor.name()] = read_tensor(tensor);
    for (int i = 0; i < model.graph().input_size(); ++i) {
        if (!fs::exists(set / fmt::format("input_{}.pb", i))) break;  // the rest has initializers
        const auto& info = model.graph().input(i);
        environment[info.name()] = tensor_file(set, "input", i, info);
    }
    for (const auto& node : model.graph().node())
        run_node(node, model, environment, session);

    Values outputs;
    for (const auto& output : model.graph().output())
        outputs.push_back(environment.at(output.name()));
    const Arrays results = session.numbers(outputs);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const TypedArray expected = tensor_file(set, "output", static_cast<int>(i),
                                                model.graph().output(static_cast<int>(i)));
        if (outputs[i].tensor && outputs[i].tensor.dtype() != dtype_of(expected.type)) {
            return fmt::format("output {} is {}, not {}", i, to_string(outputs[i].tensor.dtype()),
                               to_string(dtype_of(expected.type)));
        }
        const std::string wrong =
            difference(results[i], expected.array, closeness_of(expected.type));
        if (!wrong.empty()) return fmt::format("output {}: {}", i, wrong);
    }
    return {};
}

std::string run_case(const onnx::ModelProto& model, const fs::path& folder) {
    try {
        for (const fs::path& set : folders_in(folder)) {
            const std::string wrong = run_set(model, set);
            if (!wrong.empty()) return wrong;
        }
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

struct Tally {
    int passed = 0;
    int failed = 0;
    std::map<std::string, int> skipped;  // by reason
};

// Why the model cannot be run at all.
std::optional<std::string> missing_operator(const onnx::ModelProto& model, Skips& skips) {
    for (const auto& node : model.graph().node()) {
        if (has_adapter(node.op_type())) continue;
        if (auto reason = skips.reason_for_operator(node.op_type())) {
            return node.op_type() + ": " + *reason;
        }
    }
    return {};
}

void run_one(const fs::path& folder, Skips& skips, Tally& tally, bool talkative) {
    const std::string name = folder.filename().string();
    const auto model = parse<onnx::ModelProto>(folder / "model.onnx");
    if (const auto reason = missing_operator(model, skips)) {
        ++tally.skipped[*reason];
        return;
    }
    const std::string wrong = run_case(model, folder);
    testing::check_validation();
    if (talkative) std::printf("%s: %s\n", name.c_str(), wrong.empty() ? "ok" : wrong.c_str());
    const Skips::Case* listed = skips.find_case(name);
    if (listed != nullptr && !wrong.empty() && wrong.find(listed->symptom) != std::string::npos) {
        ++tally.skipped[listed->reason];
    } else if (listed == nullptr && wrong.empty()) {
        ++tally.passed;
    } else {
        ++tally.failed;
        if (listed == nullptr) {
            FAIL_CHECK(name << ": " << wrong);
        } else if (wrong.empty()) {
            FAIL_CHECK(name << " passes: a stale skip (" << listed->reason << ")");
        } else {
            FAIL_CHECK(name << " fails with '" << wrong << "', not as skips.txt says, with '"
                            << listed->symptom << "': a stale skip");
        }
    }
}

}  // namespace

TEST_CASE("the cases of ONNX's backend tests") {
    const char* only = std::getenv("INGOT_CASE");
    Skips skips(INGOT_ONNX_SKIPS);
    Tally tally;
    for (const char* set : {"node", "simple", "pytorch-operator", "pytorch-converted"}) {
        for (const fs::path& folder : folders_in(fs::path(INGOT_ONNX_CASES) / set)) {
            if (!fs::exists(folder / "model.onnx")) continue;
            if (only && folder.filename().string().find(only) == std::string::npos) continue;
            run_one(folder, skips, tally, only != nullptr);
        }
    }
    int skipped = 0;
    for (const auto& [reason, count] : tally.skipped)
        skipped += count;
    std::printf("onnx: %d passed, %d failed, %d skipped\n", tally.passed, tally.failed, skipped);
    for (const auto& [reason, count] : tally.skipped)
        std::printf("  skipped %3d  %s\n", count, reason.c_str());
    std::fflush(stdout);

    CHECK_MESSAGE(tally.passed + (only != nullptr ? skipped : 0) > 0, "no case has run");
    for (const std::string& name : skips.stale_operators())
        FAIL_CHECK("skips.txt lists the operator " << name << ", which has an adapter");
    if (only) return;
    for (const std::string& pattern : skips.unused())
        FAIL_CHECK("skips.txt lists " << pattern << ", which no case needs");
}
