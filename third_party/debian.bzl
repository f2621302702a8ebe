"""Answers upstream's Bazel labels with the libraries Debian installs under /usr.

A BUILD file of ours says @com_google_absl//absl/time, as it would with the sources fetched by Bazel. Here that
label becomes a cc_library without files: the headers are on the compiler's own path, and the linker flags are
those pkg-config gives. To build against sources instead, replace the repository in WORKSPACE; nothing else changes.
"""

def _linker_flags(ctx, spec):
    """The flags for one library: words that begin with "-" stand for themselves, others are asked of pkg-config."""
    flags = []
    for word in spec.split(" "):
        if word.startswith("-"):
            flags.append(word)
            continue
        result = ctx.execute(["pkg-config", "--libs", word])
        if result.return_code != 0:
            fail("pkg-config does not know %s: install %s.\n%s" % (word, ctx.attr.debian_package, result.stderr))
        flags += [flag for flag in result.stdout.strip().split(" ") if flag]
    if not ctx.attr.static:
        return flags

    # "-lNAME" prefers the shared library; "-l:libNAME.a" is the archive and nothing else.
    return [
        "-l:lib%s.a" % flag[2:] if flag.startswith("-l" + ctx.attr.static) else flag
        for flag in flags
    ]

def _debian_repository_impl(ctx):
    packages = {"": []}
    for label, spec in ctx.attr.libraries.items():
        package, _, name = label.partition(":")
        packages.setdefault(package, []).append("cc_library(\n    name = %s,\n    linkopts = %s,\n)\n" % (
            repr(name or package.split("/")[-1]),
            repr(_linker_flags(ctx, spec)),
        ))
    for name, path in ctx.attr.programs.items():
        ctx.symlink(path, name)
        packages[""].append("exports_files([%s])\n" % repr(name))
    packages[""].append(ctx.attr.more)
    for package, rules in packages.items():
        ctx.file(
            package + "/BUILD.bazel" if package else "BUILD.bazel",
            "\n".join(['package(default_visibility = ["//visibility:public"])\n'] + rules),
        )

debian_repository = repository_rule(
    implementation = _debian_repository_impl,
    doc = "A repository whose labels stand for installed libraries and programs.",
    local = True,
    attrs = {
        "debian_package": attr.string(doc = "What to install when a library is missing; for the error message."),
        "libraries": attr.string_dict(doc = "Label without its leading '//' -> pkg-config names and linker flags."),
        "programs": attr.string_dict(doc = "Name of a file in the repository's root -> absolute path of the program."),
        "static": attr.string(doc = "Link libraries whose names begin so from their archives."),
        "more": attr.string(doc = "Further rules for the root BUILD file."),
    },
)

# Upstream's label -> Debian's pkg-config name. One line more is all it takes to use another part of Abseil.
ABSEIL = {
    "absl/algorithm:container": "absl_algorithm_container",
    "absl/base:core_headers": "absl_core_headers",
    "absl/cleanup": "absl_cleanup",
    "absl/container:btree": "absl_btree",
    "absl/container:fixed_array": "absl_fixed_array",
    "absl/container:flat_hash_map": "absl_flat_hash_map",
    "absl/container:flat_hash_set": "absl_flat_hash_set",
    "absl/container:inlined_vector": "absl_inlined_vector",
    "absl/flags:flag": "absl_flags",
    "absl/flags:parse": "absl_flags_parse",
    "absl/flags:reflection": "absl_flags_reflection",
    "absl/flags:usage": "absl_flags_usage",
    "absl/functional:any_invocable": "absl_any_invocable",
    "absl/functional:function_ref": "absl_function_ref",
    "absl/memory": "absl_memory",
    "absl/numeric:bits": "absl_bits",
    "absl/numeric:int128": "absl_int128",
    "absl/status": "absl_status",
    "absl/status:statusor": "absl_statusor",
    "absl/strings": "absl_strings",
    "absl/strings:str_format": "absl_str_format",
    "absl/time": "absl_time",
    "absl/types:span": "absl_span",
    "absl/utility": "absl_utility",
}
