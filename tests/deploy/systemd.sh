#!/usr/bin/env bash
# Tries deploy/jiayid.service for real: boots systemd, as process 1 of namespaces of its own, in a clean Debian 12 root, and has
# it run what is built here: init, serve, reload, backup, restore, a kill -9, a hang. As root.
#
# usage: tests/deploy/systemd.sh [ROOT]      ROOT: a clean root by debootstrap --variant=minbase; without one it is made
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/deploy/root.bash
BUILD=${BUILD:-$PWD/build}
WORK=
BOOTED=

die() {
    echo "systemd.sh: $*" >&2
    exit 1
}

say() {
    printf '\n== %s\n' "$*"
}

sweep() {
    local status=$? tries
    cd /
    # Without its process 1 a namespace has no processes.
    if [ -n "$BOOTED" ]; then
        kill -9 "$BOOTED" 2>/dev/null || true
    fi
    if [ -n "$WORK" ]; then
        for ((tries = 0; tries < 50; tries++)); do
            find "$WORK/cgroup/jiayi-try.$$" -depth -type d -exec rmdir {} + 2>/dev/null || true
            [ -e "$WORK/cgroup/jiayi-try.$$" ] || break
            sleep 0.1
        done
        umount -l "$WORK/cgroup" 2>/dev/null || true
        rm -rf --one-file-system "$WORK"
    fi
    exit "$status"
}

# eventually COMMAND…: waits until it succeeds.
eventually() {
    local left=900
    while [ $((left -= 1)) -gt 0 ]; do
        ! "$@" || return 0
        sleep 0.1
    done
    inside journalctl --no-pager -u jiayid | tail -n 20
    die "never came true: $*"
}

# Becomes process 1 in the root $1.
boot() {
    local node name number
    mount --make-rprivate /
    mount --bind "$1" "$1"
    mount -t proc proc "$1/proc"
    mount -t sysfs sysfs "$1/sys"
    mount -t cgroup2 none "$1/sys/fs/cgroup"
    mount -t tmpfs tmpfs "$1/run"
    mount -t tmpfs -o mode=755 tmpfs "$1/dev"
    for node in null:3 zero:5 full:7 random:8 urandom:9; do
        name=${node%:*} number=${node#*:}
        mknod -m 666 "$1/dev/$name" c 1 "$number"
    done
    mkdir "$1/dev/pts" "$1/dev/shm" "$1/oldroot"
    mount -t devpts -o newinstance,ptmxmode=666 devpts "$1/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
    ln -s pts/ptmx "$1/dev/ptmx"
    ln -s /proc/self/fd "$1/dev/fd"
    cd "$1"
    pivot_root . oldroot
    umount -l /oldroot
    exec env -i container=jiayi-try PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=no --log-target=journal
}

# inside WORDS…: in the booted system.
inside() {
    nsenter --target "$INIT" --mount --pid --uts --ipc --cgroup env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root LC_ALL=C.UTF-8 "$@"
}

property() {
    inside systemctl show --property "$1" --value "${2:-jiayid}"
}

is_up() {
    inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'
}

is_served() {
    [ "$(property ActiveState)" = active ] && [[ $(property StatusText) = "listening on "* ]]
}

# restarted NUMBER: so many times.
restarted() {
    [ "$(property NRestarts)" -ge "$1" ] && is_served
}

[ "${1:-}" != --boot ] || boot "$2"
[ "$(id -u)" -eq 0 ] || die "this needs root"
[ -x "$BUILD/jiayid" ] || die "build first"
[ -n "${1:-}" ] || command -v debootstrap >/dev/null || die "this needs debootstrap"
trap sweep EXIT
trap 'exit 130' INT TERM
WORK=$(mktemp -d /var/tmp/jiayi-systemd.XXXXXX)
chmod 755 "$WORK"
NEW=$WORK/root
PORT=$((20000 + RANDOM % 10000))

say "a clean root with systemd, PostgreSQL and the libraries that deploy/Dockerfile names"
clean_root "$NEW" "${1:-}"
mkdir -p "$NEW/etc/postgresql-common"
echo 'create_main_cluster = false' >"$NEW/etc/postgresql-common/createcluster.conf"
packages=$(sed -n '/^FROM debian:12$/,$p' deploy/Dockerfile | grep -oE 'postgresql-15|lib[a-z0-9-]+[0-9]')
# shellcheck disable=SC2086
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$NEW" sh -c \
    'apt-get update -qq && apt-get install -qq -y --no-install-recommends systemd systemd-sysv "$@"' apt $packages \
    >"$WORK/apt" 2>&1 || { tail -n 20 "$WORK/apt"; die "apt-get"; }
DESTDIR=$NEW cmake --install "$BUILD" --prefix /usr/local >/dev/null
chroot "$NEW" useradd --system --home-dir /var/lib/jiayi --shell /usr/sbin/nologin jiayi
chroot "$NEW" install -d -m 700 -o jiayi -g jiayi /var/lib/jiayi
(umask 077 && echo 'secret of the operator' >"$NEW/root/operator.pw")
for unit in systemd-udevd systemd-networkd systemd-resolved systemd-timesyncd systemd-logind getty@tty1 console-getty \
    apt-daily.timer apt-daily-upgrade.timer postgresql; do
    ln -sf /dev/null "$NEW/etc/systemd/system/$unit$([[ $unit = *.timer ]] || echo .service)"
done
ln -sf /lib/systemd/system/multi-user.target "$NEW/etc/systemd/system/default.target"

say "boot"
mkdir "$WORK/cgroup"
mount -t cgroup2 none "$WORK/cgroup"
mkdir "$WORK/cgroup/jiayi-try.$$"
(
    echo "$BASHPID" >"$WORK/cgroup/jiayi-try.$$/cgroup.procs"
    exec unshare --mount --pid --fork --ipc --uts --cgroup --kill-child "$BASH" tests/deploy/systemd.sh --boot "$NEW"
) >"$WORK/boot" 2>&1 &
BOOTED=$!
disown "$BOOTED"
INIT=
until [ -n "$INIT" ] && [[ $(cat "/proc/$INIT/comm" 2>/dev/null) = systemd ]]; do
    kill -0 "$BOOTED" || { cat "$WORK/boot"; die "does not boot"; }
    sleep 0.1
    INIT=$(pgrep -P "$BOOTED" || true)
done
eventually is_up

say "init, enable --now"
inside jiayid init --user jiayi --data /var/lib/jiayi --operator operator@jiayi.example --password-file /root/operator.pw
echo "listen = 127.0.0.1:$PORT" >>"$NEW/var/lib/jiayi/jiayid.conf"
mkdir "$NEW/etc/systemd/system/jiayid.service.d"
# Ten seconds instead of a minute, not to wait for so long below.
printf '[Service]\nWatchdogSec=10s\nLimitNOFILE=4096\n' >"$NEW/etc/systemd/system/jiayid.service.d/try.conf"
inside systemctl daemon-reload
inside systemctl enable --now jiayid
inside systemctl status jiayid --no-pager | sed -n 1,9p
eventually is_served

say "what it may: nothing of root's, a filter on system calls, no new privileges"
main=$(property MainPID)
inside grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):' "/proc/$main/status" | tee "$WORK/status"
[ "$(grep -c '0000000000000000$' "$WORK/status")" -eq 3 ]
grep -qE '^NoNewPrivs:\s1$' "$WORK/status"
grep -qE '^Seccomp:\s2$' "$WORK/status"
[ "$(inside stat -c %U "/proc/$main")" = jiayi ]
inside systemd-analyze security --no-pager --threshold=20 jiayid | tail -n 1

say "login, whoami, reload"
inside jiayi login --server "127.0.0.1:$PORT" --ca /var/lib/jiayi/tls/ca.pem --user operator@jiayi.example \
    --password-file /root/operator.pw
inside jiayi whoami | head -n 3
inside systemctl reload jiayid
eventually is_served
reloaded() {
    inside journalctl -u jiayid -o cat --no-pager | grep -q 'level=info event=reload'
}
eventually reloaded

say "init, backup --verify, restore and check under the same restrictions"
sed -e 's/^Type=.*/Type=oneshot/' -e '/^WatchdogSec/d' -e '/^Restart=/d' -e '/^ExecReload/d' -e '/^\[Install/,$d' \
    -e 's/^StateDirectory=.*/StateDirectory=jiayi jiayi-try/' deploy/jiayid.service |
    sed -e '/^ExecStart=/{
        a ExecStart=/usr/local/bin/jiayid init --data /var/lib/jiayi-try/d --operator o@jiayi.example --password-file /var/lib/jiayi-try/pw
        a ExecStart=/usr/local/bin/jiayid backup /var/lib/jiayi-try/b --data /var/lib/jiayi --verify
        a ExecStart=/usr/local/bin/jiayid restore /var/lib/jiayi-try/b --data /var/lib/jiayi-try/r
        a ExecStart=/usr/local/bin/jiayid check --data /var/lib/jiayi-try/r
        d
        }' >"$NEW/etc/systemd/system/jiayi-try.service"
inside install -d -m 700 -o jiayi -g jiayi /var/lib/jiayi-try
inside install -m 600 -o jiayi /root/operator.pw /var/lib/jiayi-try/pw
inside systemctl daemon-reload
inside systemctl start jiayi-try || { inside journalctl -u jiayi-try -o cat --no-pager; die "under the unit's restrictions"; }
inside journalctl -u jiayi-try -o cat --no-pager | grep -E 'whole|restored|faults'

say "kill -9: started again"
inside sh -c "kill -9 $(property MainPID)"
eventually restarted 1
inside jiayi whoami | head -n 1

say "a hang: the watchdog ends it, and it is started again"
inside sh -c "kill -STOP $(property MainPID)"
eventually restarted 2
inside journalctl --no-pager -o cat | grep -m 1 -i 'watchdog timeout'
inside jiayi whoami | head -n 1

say "stop"
inside systemctl stop jiayid
[ "$(property Result)" = success ]
[ -z "$(inside ps -o pid= -u jiayi 2>/dev/null || inside find /proc -maxdepth 1 -user jiayi)" ]
say "deploy/jiayid.service works"
