// SPDX-License-Identifier: MIT
// Device: a Vulkan device that compiles graphs. Program: one compiled step, recorded once into
// command buffers and replayed.
//
// What a run costs on the host: copying the inputs into a slot, one submission, nothing else. The
// host may be `slots` runs ahead of the device; only read() and wait() wait for a result.
#pragma once

#include <ingot/graph.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot {

namespace exec {
class Context;
class Executable;
}  // namespace exec

// Data on the host, of the tensor's dtype and count; borrowed for the duration of a call.
struct HostView {
    const void* data = nullptr;
    std::int64_t count = 0;
    DType dtype = f32;

    HostView() = default;
    template <typename T>
    HostView(std::span<const T> values)  // NOLINT: any contiguous range of a tensor's type
        : data(values.data()),
          count(static_cast<std::int64_t>(values.size())),
          dtype(DTypeOf<T>::value) {}
    template <typename T>
    HostView(std::span<T> values) : HostView(std::span<const T>(values)) {}  // NOLINT
    template <typename T>
    HostView(const std::vector<T>& values) : HostView(std::span<const T>(values)) {}  // NOLINT
};

using Feed = std::pair<Tensor, HostView>;  // an input and what it holds in this run

struct CompileOptions {
    std::uint32_t slots = 3;  // runs in flight; 1 to 8
    // A step longer than this is handed to the driver in several submissions, so that none runs
    // into its watchdog. Cut by estimates at first, by measured times after the first step.
    double submission_budget_ms = 250;
    // For Program::advance: the step is cut into pieces of about this, in ms, and longer dispatches
    // are divided; a quarter of a frame's budget is a good value. 0: steps are run whole.
    double slice_ms = 0;
    bool profile = false;      // time every kernel of every run; see Program::set_profile
    bool guard_bytes = false;  // surround every buffer with a pattern; see Program::check_guards
    // For tests and measurements: kernels of this name, else of names that contain it, are
    // chosen before cheaper ones. Empty: the cheapest. See Program::candidates.
    std::string candidate;
};

struct KernelTime {
    std::string name;   // of the kernel
    std::string label;  // of the operations it runs
    double ms = 0;      // in the last completed run
    double flops = 0;   // of one run, estimated
    double bytes = 0;
};

struct ProgramStats {
    std::uint32_t dispatches = 0;   // of one run
    std::uint32_t barriers = 0;     // inside one run
    std::uint32_t copies = 0;       // transfer commands inside one run
    std::uint32_t submissions = 0;  // of one run
    // Since compilation: 1, plus one when the cuts moved or profiling began or ended.
    std::uint32_t recordings = 0;
    std::uint64_t arena_bytes = 0;  // shared with the other programs of the device
    std::uint64_t program_bytes =
        0;                          // inputs, constants and results on the device, and their slots
    std::uint64_t state_bytes = 0;  // slabs this program names
    double step_ms = 0;  // of the last completed run, by the device's clock; 0 without timestamps
    double busy_ms =
        0;  // with slice_ms: what all pieces known to be over took, in place of step_ms
};

class INGOT_API Program {
public:
    Program(Program&&) noexcept;
    Program& operator=(Program&&) noexcept;
    ~Program();

    // Runs one step. Every input of the graph is fed, with its exact count and dtype. Throws what
    // an earlier run found on the device (kData): that run and those after it updated nothing.
    void run(std::span<const Feed> feeds);
    void run(std::initializer_list<Feed> feeds) { run(std::span(feeds.begin(), feeds.size())); }

    // For an application that draws: hands the device as much of a step as takes about `budget_ms`,
    // and never waits. `feeds` are read when a step begins; until the step is handed over, they are
    // not looked at. True: it is, and there may be time for another. False: the budget is used up,
    // or all slots are on the device; go on in the next frame.
    //     while (draw())
    //         while (step.advance({{x, batch.x}, {y, batch.y}}, 4)) batch = next();
    // What earlier calls left on the device counts as part of the budget. A new program goes by
    // estimates on the safe side; from the fourth step on by measured times. Three run()s before
    // the first frame, while something is loaded, say, get there at once. Whatever else is asked of
    // the device (run, read, wait, another program, a parameter's contents) has the rest of the
    // step handed over first. Needs CompileOptions::slice_ms.
    bool advance(std::span<const Feed> feeds, double budget_ms);
    bool advance(std::initializer_list<Feed> feeds, double budget_ms) {
        return advance(std::span(feeds.begin(), feeds.size()), budget_ms);
    }

    // Where the next run() reads an input of the graph from, all its elements. What is written
    // there and fed as this very span is not copied. For writing alone: reading may be slow. Waits
    // until the device has let go of it; until that run it is the caller's.
    template <typename T>
    std::span<T> input_memory(const Tensor& input) {
        return {static_cast<T*>(input_memory(input, DTypeOf<T>::value)),
                static_cast<std::size_t>(input.shape().count())};
    }

    // Waits for the last run, then copies an output of the graph.
    void read(const Tensor& output, std::span<std::byte> to);
    template <typename T>
    T read(const Tensor& output) {
        T value{};
        check_output(output, DTypeOf<T>::value, 1);
        read(output, std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }
    template <typename T>
    std::vector<T> read_all(const Tensor& output) {
        std::vector<T> values(static_cast<std::size_t>(output.shape().count()));
        check_output(output, DTypeOf<T>::value, output.shape().count());
        read(output, std::as_writable_bytes(std::span(values)));
        return values;
    }
    void wait();  // until the last run is done; throws what it found

    ProgramStats stats() const;
    // Whether every kernel is timed, from the next run on; a change records the step once more.
    // What is computed is the same to the last bit.
    void set_profile(bool on);
    std::vector<KernelTime> kernel_times();  // waits; throws unless kernels are timed
    std::string to_text() const;             // groups, kernels, memory
    // Where this device had a choice of kernels: the names of all that could have run, sorted.
    const std::vector<std::string>& candidates() const;
    // Throws, naming the buffer, if a kernel wrote outside it. Needs CompileOptions::guard_bytes.
    void check_guards();

private:
    friend class Device;
    explicit Program(std::unique_ptr<exec::Executable> executable);
    void check_output(const Tensor& output, DType dtype, std::int64_t count) const;
    void* input_memory(const Tensor& input, DType dtype);

    std::unique_ptr<exec::Executable> executable_;
};

struct DeviceOptions {
    std::string name;         // part of a device's name, or its number; empty: the best there is
    bool validation = false;  // needs the Khronos validation layer; messages go to the log
    // For tests: kernels are chosen as for a device of this class ("discrete", "integrated",
    // "virtual" or "cpu"), so that those for cards run on a software driver, too. Empty:
    // INGOT_DEVICE_CLASS, else as the device is.
    std::string device_class;
};

struct DeviceInfo {
    std::string name;
    std::string type;    // "discrete GPU", "CPU", ...
    std::string driver;  // name and version
    std::string api_version;
    std::uint32_t vendor_id = 0;
    std::uint32_t device_id = 0;
    std::uint64_t memory_bytes = 0;                           // device-local
    std::vector<std::pair<std::string, std::string>> limits;  // name and value, for people
    std::string features;                                     // used where present
    bool stores_16_bits = false;  // so that f16 and bf16 (ingot/autocast.h) save memory
    std::string refused;          // why it cannot be used; empty: it can
};

struct MemoryUse {
    std::uint64_t bytes_now = 0;  // as given to vkAllocateMemory
    std::uint64_t bytes_peak = 0;
    std::uint64_t bytes_planned = 0;  // what the programs' and slabs' plans add up to
};

class INGOT_API Device {
public:
    // The best device of the machine: discrete, integrated, virtual, then a software driver.
    // INGOT_DEVICE, a number or part of a name, chooses another. Throws kNoDevice with every
    // candidate and the reason why it was refused.
    static Device pick(const DeviceOptions& options = {});

    // All devices of the machine, the refused ones with their reasons.
    static std::vector<DeviceInfo> list();

    Device(Device&&) noexcept;
    Device& operator=(Device&&) noexcept;
    ~Device();  // programs and parameters made with it live on

    // Compiles and records a step. Throws when an operator cannot run on this device, naming all
    // of them, and when memory is short, naming the largest holders.
    Program compile(const Graph& graph, const CompileOptions& options = {});

    const DeviceInfo& info() const;
    MemoryUse memory() const;
    std::uint64_t validation_messages() const;  // warnings and errors of the layer so far

    explicit Device(std::shared_ptr<exec::Context> context);
    const std::shared_ptr<exec::Context>& context() const { return context_; }

private:
    std::shared_ptr<exec::Context> context_;
};

}  // namespace ingot
