// Descriptors that a program hands on to itself: what is written is found again, and nothing else is taken for one.
using Cygnet.Linux.Native;

namespace Cygnet.Linux.Tests;

public sealed class InheritedTests
{
    [Fact]
    public void What_is_handed_on_is_found_once_and_goes_no_further()
    {
        using var one = Descriptor.Take(Libc.Open("/dev/null", OpenFlag.ReadOnly), "open");
        var inherited = Inherited.Read(Inherited.Written(new Dictionary<string, int> { ["pid"] = one.Fd }));
        Assert.Null(inherited.Take("vici"));
        Assert.Equal(one.Fd, inherited.Take("pid"));
        Assert.Null(inherited.Take("pid"));
        const int getFlags = 1, closeOnExec = 1;
        Assert.Equal(closeOnExec, Libc.Fcntl(one.Fd, getFlags, 0));
        Inherited.KeepOpen(one.Fd, true);
        Assert.Equal(0, Libc.Fcntl(one.Fd, getFlags, 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pid")]
    [InlineData("pid=")]
    [InlineData("=3")]
    [InlineData("pid=-1")]
    [InlineData("pid=99999999999")]
    [InlineData("pid=1000000")] // not open
    [InlineData("  pid=x vici==1")]
    public void Nonsense_is_nothing(string text)
    {
        var inherited = Inherited.Read(text);
        Assert.Null(inherited.Take("pid"));
        Assert.Null(inherited.Take("vici"));
    }
}
