// Scenes on a Debian of their own are skipped, by name, where none is to be had.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>A fact that needs Debian's packages.</summary>
sealed class DebianFactAttribute : FactAttribute
{
    public DebianFactAttribute()
    {
        if (DebianPackages.Source is null) Skip = "needs debootstrap, wget and the package mirror of this machine's apt";
    }
}
