"""The C++ rules by the name newer Bazels load them from, forwarded to those built into Bazel 4.

Bazel's own tools and rules_proto load this file. Debian ships rules_cc 0.0.4, which needs a function
(use_cpp_toolchain) that Bazel 4.2.3 does not have; upstream's older releases forward exactly as here.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
objc_library = native.objc_library
