# Clean Debian 12 roots. Sourced by the scripts beside it.
#
# clean_root DIR [GIVEN]   a clean Debian 12 at DIR, by debootstrap or as a copy of GIVEN, with what this machine has set up for
#                          apt and names

clean_root() {
    local dir=$1 given=${2:-}
    if [ -n "$given" ]; then
        cp -a "$given" "$dir"
    else
        debootstrap --variant=minbase --include=ca-certificates bookworm "$dir" http://deb.debian.org/debian >/dev/null
    fi
    cp -a /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$dir/etc/apt/sources.list.d/" 2>/dev/null || true
    cp -a /etc/apt/apt.conf.d/99* "$dir/etc/apt/apt.conf.d/" 2>/dev/null || true
    [ ! -d /usr/local/share/ca-certificates ] || cp -a /usr/local/share/ca-certificates "$dir/usr/local/share/"
    cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
}
