#include "metrics_text.h"
#include "service/metric_source.h"

#include <criterion/criterion.h>

static double count_of(void *object)
{
    return *(int *)object;
}

static double twice(void *object)
{
    return 2 * count_of(object);
}

static struct metric_figure figures[] = {
    {.metric = METRIC_COUNTER("things_total", "Things.", NULL, NULL), .read = count_of},
    {.metric = METRIC_GAUGE("things_doubled", "Things, twice."), .read = twice},
};
static struct metric_source source = METRIC_SOURCE(figures);

Test(metric_source, reads_its_object_when_it_is_scraped)
{
    int n = 3;

    metric_source_register(&source, &n);
    cr_expect(metrics_have("things_total", "3"));

    n = 4;
    cr_expect(metrics_have("things_total", "4"));
    cr_expect(metrics_have("things_doubled", "8"));
}

Test(metric_source, keeps_the_last_values_of_an_object_that_is_gone)
{
    int n = 3;

    metric_source_register(&source, &n);
    n = 5;
    metric_source_forget(&source);
    n = 6;

    cr_expect(metrics_have("things_total", "5"));
    cr_expect(metrics_have("things_doubled", "10"));
}

Test(metric_source, may_forget_twice_and_take_another_object)
{
    int first = 3;
    int second = 7;

    metric_source_register(&source, &first);
    metric_source_forget(&source);
    metric_source_forget(&source);
    metric_source_register(&source, &second);

    cr_expect(metrics_have("things_total", "7"));
}
