# Sourced by demo, test and bench: installs Debian packages that are missing, and says which.

# need PROGRAM=PACKAGE…: the packages whose program (or file, if it starts with /) is not there
need() {
    local pair missing=()
    for pair; do
        case ${pair%%=*} in
            /*) [ -e "${pair%%=*}" ] || missing+=("${pair#*=}") ;;
            *) command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}") ;;
        esac
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "installing: ${missing[*]}"
    # A packaged daemon must not start by itself on this machine: only in the tests' own namespaces.
    local policy=/usr/sbin/policy-rc.d made=
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=1; }
    local apt=(apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -qq -y) status=0
    export DEBIAN_FRONTEND=noninteractive
    "${apt[@]}" install --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
        { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } || status=$?
    [ -z "$made" ] || rm -f $policy
    [ $status -eq 0 ] || echo "cannot install ${missing[*]}; do it by hand: apt-get install ${missing[*]}" >&2
    return $status
}

# be_root WHY: leaves if it is not root that runs this
be_root() {
    [ "$(id -u)" -eq 0 ] || { echo "run this as root: $1" >&2; exit 1; }
}

need_dotnet() {
    command -v dotnet >/dev/null || { echo "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0" >&2; exit 1; }
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
}
