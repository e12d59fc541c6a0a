#include "bookingservice/booking_service.h"
#include "tests/support/described_routes.h"

#include <criterion/criterion.h>

Test(routes, are_those_of_the_description)
{
    described_routes_check(&booking_service_routes, &booking_service_documents);
}
