// Tests that make network namespaces need root.
namespace Cygnet.Linux.Tests;

/// <summary>A fact that is skipped, and says so, unless the tests run as root.</summary>
sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "needs root";
    }
}
