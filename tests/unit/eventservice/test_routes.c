#include "eventservice/event_service.h"
#include "tests/support/described_routes.h"

#include <criterion/criterion.h>

Test(routes, are_those_of_the_description)
{
    described_routes_check(&event_service_routes, &event_service_documents);
}
