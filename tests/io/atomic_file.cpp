// SPDX-License-Identifier: MIT
// Whatever goes wrong while a file is written: the old one stays as it was, no temporary is left,
// and the message names path, bytes and reason.
#include "io/atomic_file.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

#include <algorithm>
#include <cerrno>
#include <string>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#endif

using namespace ingot;
using ingot::testing::contents_of;
using ingot::testing::TemporaryFolder;
using ingot::testing::thrown_message;

namespace {

const std::string kOld = "the old contents";

// A disk with room for some bytes: short writes first, then ENOSPC.
std::ptrdiff_t room_bytes = 0;
std::ptrdiff_t full_write(int file, const void* bytes, std::size_t count) {
    if (room_bytes == 0) {
        errno = ENOSPC;
        return -1;
    }
    const auto part = std::min(static_cast<std::ptrdiff_t>(count), room_bytes);
    room_bytes -= part;
    return io::kSystemCalls.write(file, bytes, static_cast<std::size_t>(part));
}
int failing_sync(int) {
    errno = EIO;
    return -1;
}
int interruptions = 0;
std::ptrdiff_t halting_write(int file, const void* bytes, std::size_t count) {
    if (interruptions-- > 0) {
        errno = EINTR;
        return -1;
    }
    return io::kSystemCalls.write(file, bytes, std::min<std::size_t>(count, 3));
}

void check_untouched(const TemporaryFolder& folder, const std::filesystem::path& path) {
    CHECK(contents_of(path) == kOld);
    CHECK(folder.file_count() == 1);
}

}  // namespace

TEST_CASE("a file is replaced whole and leaves no temporary") {
    const TemporaryFolder folder;
    const auto path = folder / "a.bin";
    io::write_file(path, kOld);
    CHECK(contents_of(path) == kOld);
    io::write_file(path, std::string_view("new"));
    CHECK(contents_of(path) == "new");
    io::write_file(path, std::string_view());
    CHECK(contents_of(path).empty());
    CHECK(folder.file_count() == 1);
    CHECK(io::read_file(path).empty());
}

TEST_CASE("until commit the old file is there, and without it nothing changes") {
    const TemporaryFolder folder;
    const auto path = folder.put("a.bin", kOld);
    {
        io::AtomicFile file(path);
        file.write("half a fi");
        CHECK(contents_of(path) == kOld);
        CHECK(folder.file_count() == 2);
    }
    check_untouched(folder, path);
}

TEST_CASE("a full disk") {
    const TemporaryFolder folder;
    const auto path = folder.put("a.bin", kOld);
    room_bytes = 1000;
    const std::string message = thrown_message([&] {
        io::AtomicFile file(path, {full_write, io::kSystemCalls.sync});
        file.write(std::string(600, 'x'));
        file.write(std::string(600, 'y'));
        file.commit();
    });
    CHECK(message == "file: cannot write " + path.string() +
                         ": failed to write after 1000 bytes: No space left on device");
    check_untouched(folder, path);
}

TEST_CASE("a disk that fails when forced") {
    const TemporaryFolder folder;
    const auto path = folder.put("a.bin", kOld);
    const std::string message = thrown_message([&] {
        io::AtomicFile file(path, {io::kSystemCalls.write, failing_sync});
        file.write("new");
        file.commit();
    });
    CHECK(message == "file: cannot write " + path.string() +
                         ": failed to force it to the disk after 3 bytes: Input/output error");
    check_untouched(folder, path);
}

TEST_CASE("interrupted and short writes are continued") {
    const TemporaryFolder folder;
    const auto path = folder / "a.bin";
    interruptions = 2;
    io::AtomicFile file(path, {halting_write, io::kSystemCalls.sync});
    file.write("0123456789");
    file.commit();
    CHECK(contents_of(path) == "0123456789");
}

TEST_CASE("what cannot be written to is named") {
    const TemporaryFolder folder;
    CHECK(thrown_message([&] { io::write_file(folder.path(), kOld); }) ==
          "file: cannot write " + folder.path().string() + ": it is a folder");
    const auto lost = folder / "no/such/folder/a.bin";
    CHECK(thrown_message([&] { io::write_file(lost, kOld); }) ==
          "file: cannot write " + lost.string() +
              ": failed to create a file beside it after 0 bytes: No such file or directory");
}

TEST_CASE("reading: missing, a folder, too large") {
    const TemporaryFolder folder;
    const auto path = folder.put("a.bin", kOld);
    CHECK(io::read_file(path) == kOld);
    CHECK(thrown_message([&] { io::read_file(path, 10); }) ==
          "file: cannot read " + path.string() + ": 16 bytes, at most 10 are expected");
    CHECK(thrown_message([&] { io::read_file(folder.path()); }).find("it is a folder") !=
          std::string::npos);
    CHECK(thrown_message([&] { io::read_file(folder / "b"); }).find("No such file") !=
          std::string::npos);
}

#ifndef _WIN32
TEST_CASE("the system's own file size limit") {
    const TemporaryFolder folder;
    const auto path = folder.put("a.bin", kOld);
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small{4096, before.rlim_max};
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string message =
        thrown_message([&] { io::write_file(path, std::string(10000, 'x')); });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
    CHECK(message == "file: cannot write " + path.string() +
                         ": failed to write after 4096 bytes: File too large");
    check_untouched(folder, path);
}

TEST_CASE("permissions stay, a link stays a link, a device is refused") {
    const TemporaryFolder folder;
    const auto path = folder.put("a.bin", kOld);
    REQUIRE(chmod(path.c_str(), 0640) == 0);
    const auto link = folder / "link";
    std::filesystem::create_symlink("a.bin", link);
    io::write_file(link, std::string_view("new"));
    CHECK(std::filesystem::is_symlink(link));
    CHECK(contents_of(path) == "new");
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
          std::filesystem::perms(0640));
    CHECK(thrown_message([&] { io::write_file("/dev/null", kOld); }) ==
          "file: cannot write /dev/null: it is not a regular file");
}
#endif
