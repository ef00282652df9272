// Scenes on a Debian root of their own: they need a mirror of Debian's packages, and are skipped where there is none, or it is gone by the time.
using Cygnet.Interop.Testbed;
using Xunit.Sdk;

namespace Cygnet.Interop.Scenes;

[XunitTestCaseDiscoverer("Cygnet.Interop.Scenes.DebianFactDiscoverer", "Interop")]
sealed class DebianFactAttribute : FactAttribute
{
    public DebianFactAttribute()
    {
        if (DebianPackages.Source is null) Skip = "needs debootstrap, wget and the package mirror of this machine's apt";
    }
}
