// Error-Cause. RFC 5176 3.5.
namespace Cygnet.Radius;

enum DaeErrorCause : uint
{
    UnsupportedAttribute = 401,
    MissingAttribute = 402,
    NasIdentificationMismatch = 403,
    InvalidRequest = 404,
    UnsupportedService = 405,
    InvalidAttributeValue = 407,
    SessionContextNotFound = 503,
}
