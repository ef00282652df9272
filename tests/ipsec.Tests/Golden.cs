// Expected texts: files in tests/Golden, written by hand after what the reference prints.
using System.Runtime.CompilerServices;

namespace Cygnet.Command.Tests;

static class Golden
{
    public static void Equal(string name, string actual) => Assert.Equal(File.ReadAllText(PathOf(name)), actual);

    public static string PathOf(string name) => Path.Combine(Folder(), name);

    static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden");
}
