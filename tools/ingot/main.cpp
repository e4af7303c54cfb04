// SPDX-License-Identifier: MIT
// The command line. What goes wrong is said in one sentence on the error output, beginning with
// `ingot: `; the exit code is 1, and 2 when the command itself was wrong.
#include "augment.h"
#include "bench.h"
#include "commands.h"
#include "run_folder.h"

#include <ingot/error.h>
#include <ingot/log.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <set>

namespace ingot::cli {
namespace {

constexpr int kUsage = 2;

// CLI11's own checks print their bounds with 300 digits.
CLI::Validator at_least(int least) {
    return CLI::Validator(
        [least](const std::string& text) -> std::string {
            double value = 0;
            if (!CLI::detail::lexical_cast(text, value))
                return fmt::format("'{}' is no number", text);
            if (value >= least) return {};
            return fmt::format("{} is below {}", text, least);
        },
        fmt::format(">= {}", least));
}

// The options of `ingot train` that were given, so that a resumed run takes the others from before.
using Given = std::set<std::string>;

void add_data(CLI::App& command, DataSettings& settings, const std::string& help) {
    command.add_option("--data", settings.data, help);
    command.add_option("--target", settings.target,
                       "CSV: column, default: the last; NPZ: array; NPY: file of the targets");
    command.add_flag("--labels", settings.labels, "CSV: numbers of the target are classes");
    command
        .add_option("--resize", settings.resize,
                    "pixels of the sides of pictures from folders; 0: as they are")
        ->check(at_least(0))
        ->capture_default_str();
    command.add_flag("--skip-unreadable", settings.skip_unreadable,
                     "go on without pictures that cannot be read");
}

// What training takes, whichever command does it.
void add_training(CLI::App& command, TrainSettings& settings) {
    add_data(command, settings,
             "auto, fashion-mnist, spirals, or a path: a folder with the files of MNIST or "
             "CIFAR or with folders of pictures; CSV, NPZ, NPY, text");
    command.add_flag("--normalize", settings.normalize,
                     "by mean and deviation of the training part; tables always are");
    command.add_option("--model", settings.model, "mlp, cnn, or a JSON file");
    command.add_option("--epochs", settings.epochs, "default: by the size of the data")
        ->check(at_least(1));
    command.add_option("--batch-size", settings.batch_size)
        ->check(at_least(1))
        ->capture_default_str();
    command.add_option("--optimizer", settings.optimizer)
        ->check(CLI::IsMember({"sgd", "adam", "adamw"}))
        ->capture_default_str();
    command.add_option("--lr", settings.lr, "learning rate; default: 0.1 for sgd, else 0.001")
        ->check(at_least(0));
    command.add_option("--momentum", settings.momentum, "of sgd")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command.add_option("--weight-decay", settings.weight_decay, "default: 0.01 for adamw, else 0")
        ->check(at_least(0));
    command
        .add_option("--precision", settings.precision,
                    "f16 and bf16: mixed, with weights and losses in f32")
        ->check(CLI::IsMember({"f32", "f16", "bf16"}))
        ->capture_default_str();
    command
        .add_option("--validation", settings.validation,
                    "share of the training data to validate on; 0: none")
        ->check(CLI::Range(0.0, 0.9))
        ->capture_default_str();
    command
        .add_option("--patience", settings.patience,
                    "end after so many epochs without improvement; 0: never")
        ->check(at_least(0))
        ->capture_default_str();
    command
        .add_option("--augment", settings.augment,
                    "changes to the training pictures, with commas between, options behind "
                    "colons: crop:padding=4,flip:p=0.5,rotate:degrees=15; there are " +
                        augmentation_names())
        ->delimiter(',');
    command
        .add_option("--augment-on", settings.augment_on,
                    "where: by threads of the host, or by the device as part of the step")
        ->check(CLI::IsMember({"host", "device"}))
        ->capture_default_str();
    command.add_option("--seed", settings.seed)->capture_default_str();
    command.add_option("--device", settings.device, "number, or part of a name");
}

struct Train {
    TrainSettings settings;
    CLI::App* command;

    explicit Train(CLI::App& app) {
        command = app.add_subcommand("train", "Train a model; writes a run folder");
        add_training(*command, settings);
        command
            ->add_option("--checkpoint-every", settings.checkpoint_every,
                         "steps between checkpoints; 0: a minute, and after each epoch")
            ->check(at_least(0))
            ->capture_default_str();
        command
            ->add_option("--keep-best", settings.keep_best,
                         "how many checkpoints of the best epochs are kept")
            ->check(at_least(0))
            ->capture_default_str();
        command->add_option("--time-limit", settings.time_limit_s, "seconds; 0: none")
            ->check(at_least(0))
            ->capture_default_str();
        command->add_option("--run-dir", settings.run_dir, "default: runs/<date>-<model>");
        command->add_flag("--watch", settings.watch,
                          "rewrite the report every 2 seconds; an open page follows");
        command->add_flag("--resume", settings.resume,
                          "continue the run in --run-dir, with its options");
    }

    int run() {
        if (settings.resume) {
            Given given;
            for (const CLI::Option* option : command->get_options()) {
                if (option->count() > 0) given.insert(option->get_name());
            }
            take_options_of_run(settings, given);
        }
        return train(settings);
    }
};

struct CrossValidate {
    CrossValidateSettings settings;
    CLI::App* command;

    explicit CrossValidate(CLI::App& app) {
        command = app.add_subcommand("cross-validate",
                                     "Train and test on each fold of the training data in turn");
        add_training(*command, settings.train);
        command->remove_option(command->get_option("--validation"));
        command->add_option("--folds", settings.folds)->check(at_least(2))->capture_default_str();
        command->add_option("--repeats", settings.repeats, "each with folds of its own")
            ->check(at_least(1))
            ->capture_default_str();
    }
};

struct Search {
    SearchSettings settings;
    CLI::App* command;

    explicit Search(CLI::App& app) {
        command = app.add_subcommand("search", "Train with many settings, and say which are best");
        add_training(*command, settings.train);
        command
            ->add_option("--try", settings.tries,
                         "an option and its values, once for each: lr=1e-4..1e-1:log, "
                         "batch-size=16,32,64, optimizer=adam,sgd. There are batch-size, epochs, "
                         "lr, model, momentum, optimizer, weight-decay")
            ->allow_extra_args(false)
            ->required();
        command->add_option("--by", settings.by, "random draws, or every combination")
            ->check(CLI::IsMember({"random", "grid"}))
            ->capture_default_str();
        command->add_option("--trials", settings.trials, "at most; default: 20, of a grid all")
            ->check(at_least(1));
        command->add_option("--watch", settings.watch,
                            "loss, accuracy or r2 of the validation data; default: not the loss");
        command->add_option("--out", settings.out,
                            "a folder for the trials and a page; a search that finds its trials "
                            "there goes on");
    }
};

struct Doctor {
    DoctorSettings settings;
    CLI::App* command;

    explicit Doctor(CLI::App& app) {
        command = app.add_subcommand(
            "doctor", "What is wrong with a net, its data, or a run; 3 if anything is ill");
        auto* run = command->add_option("run", settings.run,
                                        "a run folder: its curves, the net as it is now and its "
                                        "labels; or a history's file: its curves");
        TrainSettings& train = settings.train;
        add_data(*command, train, "as for train");
        command->add_flag("--normalize", train.normalize, "as for train");
        auto* model = command->add_option("--model", train.model, "mlp, cnn, or a JSON file");
        run->excludes(command->get_option("--data"))->excludes(model);
        command->add_option("--batch-size", train.batch_size)
            ->check(at_least(1))
            ->capture_default_str();
        command->add_option("--optimizer", train.optimizer)
            ->check(CLI::IsMember({"sgd", "adam", "adamw"}))
            ->capture_default_str();
        command->add_option("--lr", train.lr, "learning rate; default: 0.1 for sgd, else 0.001")
            ->check(at_least(0));
        command
            ->add_option("--epochs", train.epochs,
                         "of training, for its curves and for labels; default: none")
            ->check(at_least(0));
        command
            ->add_option("--validation", train.validation,
                         "share of the training data to validate on; 0: none")
            ->check(CLI::Range(0.0, 0.9))
            ->capture_default_str();
        command
            ->add_option("--folds", settings.folds,
                         "labels are judged by nets trained on the other folds; 0: by one net")
            ->check(at_least(0))
            ->capture_default_str();
        command
            ->add_option("--shares", settings.shares,
                         "growing shares of the training data to train with, as 0.1,0.3,1")
            ->delimiter(',');
        command->add_option("--seed", train.seed)->capture_default_str();
        command->add_option("--device", train.device, "number, or part of a name");
        command->add_option("--html", settings.html, "also write a page");
        command->add_option("--json", settings.json, "also write all of it to a JSON file");
        command->add_option(
            "--suspects", settings.suspects,
            "also write a CSV file of all labels that look wrong; takes --epochs, or "
            "a run");
    }
};

struct Explore {
    ExploreSettings settings;
    CLI::App* command;

    explicit Explore(CLI::App& app) {
        command = app.add_subcommand("explore", "Say what there is in data, and what is wrong");
        command
            ->add_option("path", settings.paths,
                         "as for train, a .bin file of CIFAR, or several: train, validation, test")
            ->required();
        command->add_option("--target", settings.target,
                            "CSV: column, default: the last; NPZ: array; NPY: file of the targets");
        command->add_flag("--labels", settings.labels, "CSV: numbers of the target are classes");
        command
            ->add_option("--resize", settings.resize,
                         "pixels of the sides of pictures from folders; 0: as they are, or the "
                         "shortest side if they differ")
            ->check(at_least(0))
            ->capture_default_str();
        command->add_flag("--no-header", settings.no_header,
                          "CSV: columns are 0, 1 ..., the first record is a sample");
        command->add_flag("--stream", settings.stream,
                          "leave the samples in their files, which are plain; pictures always");
        command->add_flag("--skip-unreadable", settings.skip_unreadable,
                          "go on without pictures that cannot be read");
        command->add_flag("--json", settings.json);
        command->add_option("--html", settings.html, "a file for a page with pictures");
        command
            ->add_option("--augment", settings.augment,
                         "of the pictures on the page, as for train, or none")
            ->delimiter(',')
            ->capture_default_str();
        command->add_option("--seed", settings.seed, "of the augmentation")->capture_default_str();
    }
};

// Not fmt::print, which throws where nothing can be written, on a full disk, say.
void complain(const std::string& text) {
    std::fputs(("ingot: " + text + "\n").c_str(), stderr);
}

void print_log(LogLevel level, std::string_view message) {
    if (level >= LogLevel::kWarning) complain(fmt::format("warning: {}", message));
}

int run(int argc, char** argv) {
    CLI::App app{"Trains neural networks on any Vulkan device", "ingot"};
    app.set_version_flag("--version", "ingot " INGOT_VERSION);
    app.require_subcommand(1);

    bool info_json = false;
    CLI::App* info_command = app.add_subcommand("info", "What Vulkan devices are here");
    info_command->add_flag("--json", info_json);

    Train train_command(app);

    CrossValidate cross_validate_command(app);

    Search search_command(app);

    Doctor doctor_command(app);

    EvalSettings eval_settings;
    eval_settings.data.clear();
    CLI::App* eval_command = app.add_subcommand("eval", "Measure a trained model on test data");
    auto* run_option = eval_command->add_option("--run", eval_settings.run, "a run folder");
    auto* weights_option =
        eval_command->add_option("--weights", eval_settings.weights, "a safetensors file");
    run_option->excludes(weights_option);
    eval_command->add_option("--model", eval_settings.model,
                             "mlp, cnn, or a JSON file; default: what the weights' file says");
    add_data(*eval_command, eval_settings, "as for train; default: the run's");
    eval_command->add_option("--device", eval_settings.device, "number, or part of a name");
    eval_command->add_flag("--json", eval_settings.json);

    PredictSettings predict_settings;
    CLI::App* predict_command =
        app.add_subcommand("predict", "Say what a trained model makes of pictures or of data");
    auto* predict_run = predict_command->add_option("--run", predict_settings.run, "a run folder");
    predict_command->add_option("--weights", predict_settings.weights, "a safetensors file")
        ->excludes(predict_run);
    predict_command
        ->add_option("input", predict_settings.inputs,
                     "PNG and JPEG files, or one path with data as for train; a CSV file needs no "
                     "target")
        ->required();
    predict_command->add_option("--out", predict_settings.out, "a CSV file; default: printed");
    predict_command
        ->add_option("--resize", predict_settings.resize,
                     "pixels of the sides of pictures; default: the run's")
        ->check(at_least(0));
    predict_command->add_option("--device", predict_settings.device, "number, or part of a name");
    predict_command->add_flag("--json", predict_settings.json);

    SummarySettings summary_settings;
    CLI::App* summary_command =
        app.add_subcommand("summary", "What each layer of a model gives, holds and costs");
    summary_command
        ->add_option("model", summary_settings.model,
                     "mlp, cnn, a JSON file, or a safetensors file")
        ->required();
    summary_command->add_option("--shape", summary_settings.shape,
                                "of a sample, 3,32,32 say; default: as the data has it");
    add_data(*summary_command, summary_settings.data, "as for train");

    ReportSettings report_settings;
    CLI::App* report_command =
        app.add_subcommand("report", "Write the page of a run, or of several side by side");
    report_command->add_option("run", report_settings.runs, "run folders")->required();
    report_command->add_option("--out", report_settings.out,
                               "default: RUN/report.html, or comparison.html of several");
    Explore explore_command(app);

    ProfileSettings profile_settings;
    CLI::App* profile_command = app.add_subcommand("profile", "Where the time of a step goes");
    auto* profile_case = profile_command->add_option("case", profile_settings.bench_case,
                                                     "of `ingot bench`, in place of a model");
    add_data(*profile_command, profile_settings.train, "as for train");
    profile_command->add_option("--model", profile_settings.train.model, "mlp, cnn, or a JSON file")
        ->excludes(profile_case);
    profile_command->get_option("--data")->excludes(profile_case);
    profile_command->add_option("--batch-size", profile_settings.train.batch_size)
        ->check(at_least(1))
        ->capture_default_str();
    profile_command->add_option("--optimizer", profile_settings.train.optimizer)
        ->check(CLI::IsMember({"sgd", "adam", "adamw"}))
        ->capture_default_str();
    profile_command->add_option("--device", profile_settings.train.device,
                                "number, or part of a name");
    profile_command->add_option("--runs", profile_settings.runs, "of the step")
        ->check(at_least(1))
        ->capture_default_str();
    profile_command->add_option("--trace", profile_settings.trace,
                                "a file for ui.perfetto.dev or chrome://tracing");

    BenchOptions bench_options;
    CLI::App* bench_command = app.add_subcommand("bench", "Time steps and calls");
    bench_command->add_option("cases", bench_options.cases, "names, or their beginnings");
    bench_command->add_option("--device", bench_options.device, "number, or part of a name");
    bench_command->add_option("--seconds", bench_options.seconds, "spent on each case")
        ->check(at_least(0))
        ->capture_default_str();
    bench_command->add_flag("--json", bench_options.json);
    bench_command
        ->add_option("--frame-budget", bench_options.frames.budget_ms,
                     "train in slices of this many ms, 60 times a second")
        ->check(CLI::PositiveNumber);
    bench_command->add_option("--frames", bench_options.frames.frames, "measured so")
        ->check(CLI::PositiveNumber);

    try {
        app.parse(argc, argv);
        if (*eval_command && eval_settings.run.empty() && eval_settings.weights.empty()) {
            throw CLI::RequiredError("--run or --weights");
        }
        if (*predict_command && predict_settings.run.empty() && predict_settings.weights.empty()) {
            throw CLI::RequiredError("--run or --weights");
        }
        if (*train_command.command && train_command.settings.resume &&
            train_command.settings.run_dir.empty()) {
            throw CLI::RequiredError("--resume: --run-dir");
        }
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // help, version
        std::string command = "ingot";
        for (const CLI::App* chosen : app.get_subcommands())
            command += " " + chosen->get_name();
        complain(fmt::format("{} (see {} --help)", error.what(), command));
        return kUsage;
    }

    if (*info_command) return info(info_json);
    if (*train_command.command) return train_command.run();
    if (*cross_validate_command.command) return cross_validate(cross_validate_command.settings);
    if (*search_command.command) return search(search_command.settings);
    if (*doctor_command.command) return doctor(doctor_command.settings);
    if (*eval_command) return eval(eval_settings);
    if (*predict_command) return predict(predict_settings);
    if (*summary_command) return summary(summary_settings);
    if (*report_command) return report(report_settings);
    if (*profile_command) return profile(profile_settings);
    if (*explore_command.command) return explore(explore_command.settings);
    return bench(bench_options);
}

}  // namespace
}  // namespace ingot::cli

int main(int argc, char** argv) {
    ingot::set_log_callback(ingot::cli::print_log);
    try {
        return ingot::cli::run(argc, argv);
    } catch (const std::exception& error) {
        ingot::cli::complain(error.what());
        return 1;
    }
}
