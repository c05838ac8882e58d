# SPDX-License-Identifier: Apache-2.0
"""Whole Debian machines for tests: boot them, publish to them, drive Upkeep in them. Needs root, but neither KVM nor a container engine."""
