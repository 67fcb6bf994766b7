# Clean Debian 12 roots. Sourced by the scripts beside it.
#
# clean_root DIR [GIVEN]   a clean Debian 12 at DIR, by debootstrap or as a copy of GIVEN, with what this machine has set up for
#                          apt and names, and the authorities that it trusts beside Debian's
# fetching                 the variables, NAME=VALUE a line, by which programs in such a root fetch something as they do on this
#                          machine: through which proxy, from which registry of npm's, and whom they trust there. Behind a proxy
#                          that looks into TLS nothing comes in otherwise

clean_root() {
    local dir=$1 given=${2:-}
    if [ -n "$given" ]; then
        cp -a "$given" "$dir"
    else
        debootstrap --variant=minbase --include=ca-certificates bookworm "$dir" http://deb.debian.org/debian >/dev/null
    fi
    cp -a /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$dir/etc/apt/sources.list.d/" 2>/dev/null || true
    cp -a /etc/apt/apt.conf.d/99* "$dir/etc/apt/apt.conf.d/" 2>/dev/null || true
    if [ -d /usr/local/share/ca-certificates ] && [ -x "$dir/usr/sbin/update-ca-certificates" ]; then
        cp -a /usr/local/share/ca-certificates "$dir/usr/local/share/"
        chroot "$dir" update-ca-certificates >/dev/null 2>&1
    fi
    cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
}

fetching() {
    local name registry
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [ -z "${!name:-}" ] || echo "$name=${!name}"
    done
    # Node and npm bring authorities of their own, and do not look at the system's.
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        echo NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
        echo NPM_CONFIG_CAFILE=/etc/ssl/certs/ca-certificates.crt
    fi
    registry=$(npm config get registry 2>/dev/null) || registry=
    [ -z "$registry" ] || echo "NPM_CONFIG_REGISTRY=$registry"
}
