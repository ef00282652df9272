// A strongswan.conf of a test's own, read as charon reads it, in a folder that goes with it.
namespace Cygnet.Charon.Tests;

sealed class WrittenConf : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("conf").FullName;

    /// <param name="lines">What stands in the charon section.</param>
    public WrittenConf(string lines)
    {
        File.WriteAllText(Path("strongswan.conf"), $"charon {{\n{lines}\n}}\n");
        Conf = DaemonConf.TryRead(Path("strongswan.conf"), out var problem) ?? throw new InvalidDataException(problem);
    }

    public DaemonConf Conf { get; }

    public string Path(string name) => System.IO.Path.Combine(_directory, name);

    public void Dispose() => Directory.Delete(_directory, true);
}
