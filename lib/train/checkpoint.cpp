// SPDX-License-Identifier: MIT
// A checkpoint: one safetensors file. Tensors: "model.*", the optimizer's state under its names,
// "history.step_losses", "callback.N.*". Metadata "ingot_checkpoint": JSON with the cursor, the
// sums of the running epoch, the history, the generators' counters and the callbacks' values.
// "ingot_checksum": CRC-32 of that and of all tensors, in the order of the file.
#include "train/fit.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <zlib.h>

namespace ingot::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "ingot_checkpoint";
constexpr const char* kChecksumKey = "ingot_checksum";
constexpr int kVersion = 6;

uLong crc_of(uLong before, const void* bytes, std::size_t count) {
    return crc32_z(before, static_cast<const Bytef*>(bytes), count);
}

std::string checksum_of(const std::string& json, std::span<const HostTensor> tensors) {
    uLong crc = crc_of(0, json.data(), json.size());
    for (const HostTensor& tensor : tensors) {
        crc = crc_of(crc, tensor.name.data(), tensor.name.size());
        crc = crc_of(crc, tensor.data.data(), tensor.data.size());
    }
    return fmt::format("{:08x}", crc);
}

// JSON knows no NaN: what was not measured is null.
Json json_of(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double number_of(const Json& json) {
    return json.is_null() ? kNotMeasured : json.get<double>();
}

Json json_of(const std::map<std::string, double>& values) {
    Json json = Json::object();
    for (const auto& [name, value] : values)
        json[name] = json_of(value);
    return json;
}

std::map<std::string, double> numbers_of(const Json& json) {
    std::map<std::string, double> values;
    for (const auto& item : json.items())
        values[item.key()] = number_of(item.value());
    return values;
}

Json json_of(const EpochResult& epoch) {
    return Json::array(
        {json_of(epoch.train_loss), json_of(epoch.train_accuracy), json_of(epoch.validation_loss),
         json_of(epoch.validation_accuracy), json_of(epoch.time_s), json_of(epoch.samples_per_s),
         json_of(epoch.train_metrics), json_of(epoch.validation_metrics), json_of(epoch.data_s)});
}

EpochResult epoch_of(const Json& json) {
    return {.train_loss = number_of(json.at(0)),
            .train_accuracy = number_of(json.at(1)),
            .validation_loss = number_of(json.at(2)),
            .validation_accuracy = number_of(json.at(3)),
            .train_metrics = numbers_of(json.at(6)),
            .validation_metrics = numbers_of(json.at(7)),
            .time_s = number_of(json.at(4)),
            .samples_per_s = number_of(json.at(5)),
            .data_s = number_of(json.at(8))};
}

// [threshold, classes, label, predicted, samples ...], what is not 0.
Json json_of(const Confusions& confusions) {
    Json json = Json::array();
    for (const auto& [threshold, confusion] : confusions) {
        Json row{threshold, confusion.classes()};
        for (std::int64_t i = 0; i < confusion.classes() * confusion.classes(); ++i) {
            const std::int64_t label = i / confusion.classes(), taken = i % confusion.classes();
            const std::int64_t samples = confusion.count(label, taken);
            if (samples != 0) row.insert(row.end(), {label, taken, samples});
        }
        json.push_back(std::move(row));
    }
    return json;
}

Confusions confusions_of(const Json& json) {
    Confusions confusions;
    for (const Json& row : json) {
        metrics::ConfusionMatrix confusion(row.at(1));
        for (std::size_t i = 2; i < row.size(); i += 3)
            confusion.add(row.at(i), row.at(i + 1), row.at(i + 2));
        confusions.emplace(row.at(0), std::move(confusion));
    }
    return confusions;
}

Json json_of(const RunIdentity& identity) {
    return {{"model", identity.model},
            {"optimizer", identity.optimizer},
            {"precision", to_string(identity.precision)},
            {"batch size", identity.batch_size},
            {"number of samples", identity.samples},
            {"seed", identity.seed},
            {"shuffle", identity.shuffle},
            {"last batch", identity.last_batch},
            {"preparation", identity.preparation},
            {"augmentation", identity.augment},
            {"mixture", identity.mix},
            {"weights of the samples", identity.weights}};
}

void check_identity(const std::filesystem::path& path, const Json& was, const Json& is) {
    for (const auto& item : is.items()) {
        const Json& before = was.at(item.key());
        if (before == item.value()) continue;
        if (item.key() == "model") {
            fail(ErrorKind::kInvalidArgument, "resume: {} is of another model", path.string());
        }
        if (item.key() == "preparation") {
            fail(ErrorKind::kInvalidArgument,
                 "resume: {} is of data that was prepared differently (normalised by other "
                 "numbers, say)",
                 path.string());
        }
        fail(ErrorKind::kInvalidArgument, "resume: in {} the {} is {}, now it is {}", path.string(),
             item.key(), before.dump(), item.value().dump());
    }
}

void add(std::vector<HostTensor>& tensors, const std::string& name, HostTensor tensor) {
    tensor.name = name;
    tensors.push_back(std::move(tensor));
}

// The tensors whose names begin so, without the prefix.
std::vector<HostTensor> under(const io::Safetensors& file, const std::string& prefix) {
    std::vector<HostTensor> result;
    for (const HostTensor& tensor : file.tensors) {
        if (tensor.name.starts_with(prefix)) {
            add(result, tensor.name.substr(prefix.size()), tensor);
        }
    }
    return result;
}

// The bytes of a whole checkpoint, and what its JSON says. Throws Json::exception, too.
struct Checked {
    io::Safetensors file;
    Json json;
};

Checked read_checked(const std::filesystem::path& path) {
    Checked result{io::read_safetensors(path), {}};
    const io::Metadata& metadata = result.file.metadata;
    const auto found = metadata.find(kKey);
    if (found == metadata.end()) {
        fail(ErrorKind::kFile, "{}: is no checkpoint (no metadata '{}')", path.string(), kKey);
    }
    result.json = Json::parse(found->second);
    if (result.json.at("version") != kVersion) {
        fail(ErrorKind::kFile, "{}: is a checkpoint of version {}, this reads version {}",
             path.string(), result.json.at("version").dump(), kVersion);
    }
    const auto checksum = metadata.find(kChecksumKey);
    const std::string should = checksum_of(found->second, result.file.tensors);
    if (checksum == metadata.end() || checksum->second != should) {
        fail(ErrorKind::kFile, "{}: is a damaged checkpoint: its checksum is {}, its bytes have {}",
             path.string(), checksum == metadata.end() ? "missing" : checksum->second, should);
    }
    return result;
}

[[noreturn]] void fail_as_damaged(const std::filesystem::path& path, const Json::exception& error) {
    fail(ErrorKind::kFile, "{}: is a damaged checkpoint: {}", path.string(), error.what());
}

}  // namespace

RunIdentity identity_of(const Trainer::Impl& trainer, const data::Dataset& train,
                        const FitOptions& options) {
    RunIdentity identity{.optimizer = trainer.optimizer.name(),
                         .precision = trainer.precision,
                         .batch_size = options.batch_size,
                         .samples = train.size(),
                         .seed = options.seed,
                         .shuffle = options.shuffle,
                         .last_batch = static_cast<int>(options.last_batch)};
    identity.preparation = data::preparation_of(train).to_json();
    if (options.augment) {
        identity.augment = to_string(options.augment);
        // The bits of the pictures differ.
        if (options.augment_on == augment::Place::kDevice) identity.augment += " on the device";
    }
    if (options.mix) identity.mix = to_string(options.mix);
    if (!options.weights.empty()) {
        const auto bytes = std::as_bytes(std::span(options.weights));
        identity.weights = fmt::format("{:08x}", crc_of(0, bytes.data(), bytes.size()));
    }
    try {
        identity.model = nn::to_json(trainer.net);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kUnsupported) throw;
        for (const nn::NamedParameter& named : trainer.net.parameters()) {
            identity.model += fmt::format("{} {}\n", named.name, to_string(named.parameter.spec()));
        }
    }
    return identity;
}

void save_checkpoint(const std::filesystem::path& path, const Trainer::Impl& trainer,
                     const RunIdentity& identity, const RunState& state,
                     const std::vector<AnyCallback>& callbacks) {
    std::vector<HostTensor> tensors;
    for (HostTensor& tensor : trainer.net.state_dict()) {
        const std::string name = "model." + tensor.name;
        add(tensors, name, std::move(tensor));
    }
    for (const Parameter& parameter : trainer.optimizer.state()) {
        add(tensors, parameter.name(), parameter.read());
    }
    const auto losses = static_cast<std::int64_t>(state.history.step_losses.size());
    tensors.push_back(HostTensor::of("history.step_losses", {losses}, state.history.step_losses));

    Json json{{"version", kVersion}, {"identity", json_of(identity)}};
    json["learning_rates"] = Json::array();
    for (std::size_t g = 0; g < trainer.optimizer.group_count(); ++g)
        json["learning_rates"].push_back(trainer.optimizer.learning_rate(g));
    json["cursor"] = {{"epoch", state.cursor.epoch}, {"batch", state.cursor.batch}};
    json["sums"] = {{"loss", json_of(state.sums.loss)},
                    {"correct", state.sums.correct},
                    {"samples", state.sums.samples},
                    {"steps", state.sums.steps},
                    {"time_s", state.sums.time_s},
                    {"data_s", state.sums.data_s},
                    {"confusions", json_of(state.sums.confusions)}};
    json["time_s"] = state.history.time_s;
    json["epochs"] = Json::array();
    for (const EpochResult& epoch : state.history.epochs)
        json["epochs"].push_back(json_of(epoch));
    json["generators"] = Json::array();
    for (const Generator& generator : trainer.net.generators())
        json["generators"].push_back(generator.counter());
    json["callbacks"] = Json::array();
    for (std::size_t i = 0; i < callbacks.size(); ++i) {
        Notes notes = callbacks[i]->save();
        json["callbacks"].push_back(notes.values);
        for (HostTensor& tensor : notes.tensors) {
            const std::string name = fmt::format("callback.{}.{}", i, tensor.name);
            add(tensors, name, std::move(tensor));
        }
    }
    json["best"] = state.best.values;
    const std::string text = json.dump();
    io::write_safetensors(path, tensors,
                          {{kKey, text}, {kChecksumKey, checksum_of(text, tensors)}});
}

RunState load_checkpoint(const std::filesystem::path& path, Trainer::Impl& trainer,
                         const RunIdentity& identity, const std::vector<AnyCallback>& callbacks) {
    try {
        const auto [file, json] = read_checked(path);
        check_identity(path, json.at("identity"), json_of(identity));

        RunState state;
        state.best.values = json.at("best").get<std::vector<double>>();
        const Json& cursor = json.at("cursor");
        state.cursor = {cursor.at("epoch"), cursor.at("batch")};
        const Json& sums = json.at("sums");
        state.sums = {.loss = number_of(sums.at("loss")),
                      .correct = sums.at("correct"),
                      .samples = sums.at("samples"),
                      .steps = sums.at("steps"),
                      .time_s = sums.at("time_s"),
                      .data_s = sums.at("data_s"),
                      .confusions = confusions_of(sums.at("confusions"))};
        state.history.time_s = json.at("time_s");
        for (const Json& epoch : json.at("epochs"))
            state.history.epochs.push_back(epoch_of(epoch));
        const auto losses = file.at("history.step_losses").values<float>();
        state.history.step_losses.assign(losses.begin(), losses.end());

        trainer.net.load_state_dict(under(file, "model."));
        for (Parameter& parameter : trainer.optimizer.state()) {
            parameter.write(file.at(parameter.name()));
        }
        for (std::size_t g = 0; g < trainer.optimizer.group_count(); ++g)
            trainer.optimizer.set_learning_rate(json.at("learning_rates").at(g), g);
        std::vector<Generator> generators = trainer.net.generators();
        for (std::size_t i = 0; i < generators.size(); ++i) {
            generators[i].set_counter(json.at("generators").at(i));
        }
        for (std::size_t i = 0; i < callbacks.size() && i < json.at("callbacks").size(); ++i) {
            callbacks[i]->load({.values = json.at("callbacks").at(i),
                                .tensors = under(file, fmt::format("callback.{}.", i))});
        }
        return state;
    } catch (const Json::exception& error) {
        fail_as_damaged(path, error);
    }
}

void load_checkpoint_weights(const nn::Module& net, const std::filesystem::path& path) {
    try {
        net.load_state_dict(under(read_checked(path).file, "model."));
    } catch (const Json::exception& error) {
        fail_as_damaged(path, error);
    }
}

}  // namespace ingot::train
