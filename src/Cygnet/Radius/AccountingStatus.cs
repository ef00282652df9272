// Acct-Status-Type and Acct-Terminate-Cause. RFC 2866 5.1, 5.10.
namespace Cygnet.Radius;

enum AccountingStatus : uint { Start = 1, Stop = 2, Interim = 3 }

public enum TerminateCause : uint
{
    UserRequest = 1,
    LostService = 3,
    SessionTimeout = 5,
    AdminReset = 6,
    AdminReboot = 7,
}
