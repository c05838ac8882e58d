# SPDX-License-Identifier: Apache-2.0
"""The figures that tests/bench/run prints; each module measures one family of them, and its measure() yields Figures."""
