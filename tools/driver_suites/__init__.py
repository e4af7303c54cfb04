# SPDX-License-Identifier: MIT
"""Vulkan drivers of other Debian suites, for proofs without a graphics card; see tools/drivers."""
