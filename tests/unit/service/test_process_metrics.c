#include "base/clock.h"
#include "metrics_text.h"
#include "service/process_metrics.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

static void start(void)
{
    process_metrics_register();
}

TestSuite(process_metrics, .init = start);

Test(process_metrics, show_memory_in_bytes)
{
    double resident = metrics_value("process_resident_memory_bytes");

    cr_expect_gt(resident, 1e6);
    cr_expect_geq(metrics_value("process_virtual_memory_bytes"), resident);
}

Test(process_metrics, count_processor_time)
{
    double before = metrics_value("process_cpu_seconds_total");
    int64_t until_ms = clock_monotonic_ms() + 10000;

    while (metrics_value("process_cpu_seconds_total") <= before && clock_monotonic_ms() < until_ms)
        ;

    cr_expect_gt(metrics_value("process_cpu_seconds_total"), before);
    cr_expect_lt(metrics_value("process_cpu_seconds_total"), 3600);
}

Test(process_metrics, count_descriptors)
{
    double before = metrics_value("process_open_fds");
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);

    cr_expect_eq(metrics_value("process_open_fds"), before + 1);
    close(descriptor);
    cr_expect_eq(metrics_value("process_open_fds"), before);
    cr_expect_gt(metrics_value("process_max_fds"), before);
}

Test(process_metrics, show_the_start)
{
    double age_s = (double)clock_wall_ms() / 1000 - metrics_value("process_start_time_seconds");

    cr_expect(age_s >= 0 && age_s < 3600, "%f", age_s);
}
