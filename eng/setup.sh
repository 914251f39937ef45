# Set-up shared by the launchers and .ci/run; they set $root (the repository) and $name (for messages), and source this.
# Nothing here touches the network unless something is missing or the sources changed. Messages go to standard error.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
stamps=$root/artifacts/stamps
say() { printf '%s: %s\n' "$name" "$*" >&2; }
# The dotnet command keeps its own state under HOME, which bare containers may lack.
[[ -n ${HOME:-} && -w ${HOME:-} ]] || export DOTNET_CLI_HOME=$root/artifacts/home

need_dotnet() {
    command -v dotnet >/dev/null || { say "needs the .NET SDK 10.0 (command 'dotnet' not found); install it, or add its folder to PATH"; exit 69; }
}

# changed STAMP [FOLDER...]: whether a source is newer than the last build that STAMP records.
# Adding, removing or renaming a file renews the time of its folder, so folders are looked at as well.
changed() {
    local stamp=$stamps/$1
    shift
    [[ -e $stamp ]] || return 0
    [[ -n $(find "$root/src" "$root/eng" "${@/#/$root/}" "$root"/*.props "$root"/*.slnx "$root/global.json" "$root/.editorconfig" \
        -newer "$stamp" -print -quit 2>/dev/null) ]]
}

# build STAMP PROJECT: restores and builds in Release; says nothing unless it fails. One build at a time in one repository.
build() {
    local stamp=$stamps/$1 log=$root/artifacts/$1.build.log started=$SECONDS
    mkdir -p "$stamps"
    # The time before the build: a source that changes meanwhile is built next time.
    local begun=$stamps/.$1.$$
    : >"$begun"
    exec 9>"$root/artifacts/build.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if [[ -e $stamp ]]; then say "sources changed, building"; else say "building for the first time (a few minutes where packages must be fetched)"; fi
    # Build servers outlive their caller and would hold the lock and the memory.
    if ! dotnet build "$root/$2" -c Release --disable-build-servers -nodeReuse:false -v quiet -clp:NoSummary >"$log" 2>&1 9>&- </dev/null; then
        rm -f "$begun"
        grep -E 'error|warn' "$log" | sort -u | head -20 >&2 || true
        say "the build failed; all of its output is in $log"
        exit 70
    fi
    mv "$begun" "$stamp"
    exec 9>&-
    say "built in $((SECONDS - started)) s"
}

# want_package PACKAGE CONSEQUENCE: a command of the same name, from apt where that is possible; otherwise one line that says what to install.
# Tried once in a repository; a machine without it works, with the consequence named.
want_package() {
    local tried=$stamps/apt-$1
    if command -v "$1" >/dev/null || [[ -e $tried ]]; then return 0; fi
    mkdir -p "$stamps"
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        say "installing $1 with apt"
        local log=$root/artifacts/apt.log
        if [[ ! -e $stamps/apt-update ]] && DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 </dev/null; then : >"$stamps/apt-update"; fi
        if DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1" >>"$log" 2>&1 </dev/null && command -v "$1" >/dev/null; then return 0; fi
        say "apt could not install $1 (see $log)"
    fi
    : >"$tried"
    say "install '$1' (Debian, Ubuntu: apt-get install $1); without it $2"
}
