// SPDX-License-Identifier: MIT
// Contents of parameters and of the slabs they lie in, while no device holds them.
#include <ingot/parameter.h>

#include <doctest/doctest.h>

#include <array>

using namespace ingot;

TEST_CASE("a slab that no device holds shows and takes its parameters' contents") {
    const Parameter a(HostTensor::of<float>("a", {2}, std::vector<float>{1, 2}));
    Parameter b(HostTensor::of<float>("b", {3}, std::vector<float>{3, 4, 5}));
    const auto slabs = ParameterSlab::gather(std::array{a, b});
    REQUIRE(slabs.size() == 1);
    Parameter flat = slabs[0].parameter();

    HostTensor contents = flat.read();
    REQUIRE(contents.shape == Shape{128});  // two slots of 256 bytes
    CHECK(contents.values<float>()[1] == 2);
    CHECK(contents.values<float>()[2] == 0);  // the gap
    CHECK(contents.values<float>()[66] == 5);

    contents.values<float>()[0] = 10;
    contents.values<float>()[64] = 30;
    flat.write(contents);
    CHECK(a.read().values<float>()[0] == 10);
    CHECK(b.read().values<float>()[0] == 30);

    b.write(HostTensor::of<float>("b", {3}, std::vector<float>{7, 8, 9}));
    CHECK(flat.read().values<float>()[65] == 8);
}
