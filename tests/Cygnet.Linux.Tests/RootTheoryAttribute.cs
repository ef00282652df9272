// Theories that make network namespaces need root.
namespace Cygnet.Linux.Tests;

/// <summary>A theory that is skipped, and says so, unless the tests run as root.</summary>
sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "needs root";
    }
}
