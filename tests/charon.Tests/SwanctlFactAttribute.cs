// Tests that make network namespaces need root, and swanctl as the client.
namespace Cygnet.Charon.Tests;

/// <summary>A fact that is skipped, and says so, unless the tests run as root with Debian's swanctl installed.</summary>
sealed class SwanctlFactAttribute : FactAttribute
{
    public SwanctlFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "needs root";
        else if (!File.Exists("/usr/sbin/swanctl")) Skip = "needs swanctl (Debian: strongswan-swanctl)";
    }
}
