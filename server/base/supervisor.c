#include "server/base/supervisor.h"

#include <inttypes.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>

#include "common/clock.h"

/* What sd_notify() returns says whether somebody listens, which changes nothing for us. */

void
supervisor_starting(const char *what)
{
    sd_notifyf(0, "STATUS=starting: %s", what);
}

void
supervisor_extend_start(int ms)
{
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRId64, ms * INT64_C(1000));
}

void
supervisor_ready(const char *url)
{
    sd_notifyf(0, "READY=1\nSTATUS=listening on %s", url);
}

void
supervisor_reloading(void)
{
    /* Type=notify-reload, of later systemd versions, wants to know when. */
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the certificate again",
               clock_now_us());
}

void
supervisor_stopping(int timeout_s)
{
    sd_notifyf(0, "STOPPING=1\nSTATUS=finishing what runs, for up to %d s", timeout_s);
}

int
supervisor_watchdog_ms(void)
{
    uint64_t interval_us = 0;
    if (sd_watchdog_enabled(0, &interval_us) <= 0)
        return 0;
    return (int)(interval_us / 2000 > 0 ? interval_us / 2000 : 1);
}

void
supervisor_watchdog(void)
{
    if (supervisor_watchdog_ms() > 0)
        sd_notify(0, "WATCHDOG=1");
}

void
supervisor_unwell(const char *why)
{
    sd_notifyf(0, "STATUS=unwell: %s", why);
}

void
supervisor_well(const char *url)
{
    sd_notifyf(0, "STATUS=listening on %s", url);
}
