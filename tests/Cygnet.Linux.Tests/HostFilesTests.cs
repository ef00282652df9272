// Patterns of include and of the directories in ipsec.d, over real files.
namespace Cygnet.Linux.Tests;

public sealed class HostFilesTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("hostfiles").FullName;

    public void Dispose() => Directory.Delete(_root, true);

    [Fact]
    public void GlobsAcrossDirectories()
    {
        foreach (var file in (string[])["a/x.conf", "a/y.conf", "a/.hidden.conf", "b/z.conf", "b/z.txt"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{_root}/{file}")!);
            File.WriteAllText($"{_root}/{file}", "");
        }
        var files = new HostFiles();
        Assert.Equal([$"{_root}/a/x.conf", $"{_root}/a/y.conf", $"{_root}/b/z.conf"], files.Glob($"{_root}/*/*.conf"));
        Assert.Equal([$"{_root}/b/z.txt"], files.Glob($"{_root}/b/z.txt"));
        Assert.Equal([$"{_root}/a/.hidden.conf"], files.Glob($"{_root}/a/.*"));
        Assert.Empty(files.Glob($"{_root}/nosuch/*"));
        Assert.Empty(files.Glob($"{_root}/b/nosuch"));
        Assert.Null(files.ReadAllBytes($"{_root}/nosuch"));
        Assert.Null(files.ReadAllBytes(_root));
    }

    [Theory]
    [InlineData("abc", "*", true)]
    [InlineData("abc", "a*c", true)]
    [InlineData("abc", "a*d", false)]
    [InlineData("abcabd", "*ab?", true)]
    [InlineData("abc", "?b?", true)]
    [InlineData("abc", "ab", false)]
    [InlineData("abc", "[a-c]bc", true)]
    [InlineData("dbc", "[a-c]bc", false)]
    [InlineData("dbc", "[!a-c]bc", true)]
    [InlineData("]bc", "[]x]bc", true)]
    [InlineData("[bc", "[bc", true)]
    [InlineData("a-c", "a[x-]c", true)]
    [InlineData("", "*", true)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false)]
    public void MatchesAsAShellDoes(string name, string pattern, bool expected) => Assert.Equal(expected, HostFiles.Matches(name, pattern));
}
