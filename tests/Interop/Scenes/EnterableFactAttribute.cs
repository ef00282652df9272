// Scenes whose daemon is not root are skipped, by name, where only root gets at what it runs and writes.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>A fact that needs everybody to be let into the folders of the installed tree and of the bed.</summary>
sealed class EnterableFactAttribute : FactAttribute
{
    public EnterableFactAttribute()
    {
        foreach (var path in (string[])[Environment.GetEnvironmentVariable("CYGNET_PREFIX") is { Length: > 0 } given ? Path.GetFullPath(given) : Checkout.Path(), Path.GetFullPath(Path.GetTempPath())])
            for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
                if (folder.Exists && (folder.UnixFileMode & UnixFileMode.OtherExecute) == 0) Skip = $"'{folder}' lets root alone in";
    }
}
