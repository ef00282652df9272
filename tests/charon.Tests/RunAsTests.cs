// Whom charon runs as, by charon.user and charon.group: who is meant, and what cannot be. What the daemon does as that user, RoadWarriorScenes sees.
using Cygnet.Linux;

namespace Cygnet.Charon.Tests;

public sealed class RunAsTests
{
    static RunAs? Read(string lines, out string problem)
    {
        using var conf = new WrittenConf(lines);
        return RunAs.Read(conf.Conf, out problem);
    }

    [Fact]
    public void Without_the_setting_or_with_root_the_daemon_stays_root()
    {
        foreach (var lines in (string[])["", "user = root", "user = 0", "group = 1234"])
        {
            var runAs = Read(lines, out _);
            Assert.NotNull(runAs);
            Assert.False(runAs.IsApart || runAs.IsToChange);
        }
    }

    [SwanctlFact]
    public void A_user_has_his_own_group_unless_another_is_named()
    {
        var runAs = Read("user = nobody", out _)!;
        Assert.True(runAs.IsApart && runAs.IsToChange);
        Assert.Equal((65534u, 65534u, null), (runAs.Account!.User, runAs.Group, runAs.Socket.Group));
        Assert.Equal([65534u], runAs.Account.Groups);
        runAs = Read("user = nobody\ngroup = 1234", out _)!;
        Assert.Equal((65534u, 1234u, 1234u), (runAs.Account!.User, runAs.Group, runAs.Socket.Group!.Value));
        runAs = Read("user = 4711\ngroup = 1234", out _)!;
        Assert.Equal((4711u, 1234u), (runAs.Account!.User, runAs.Group));
        Assert.Empty(runAs.Account.Groups);
    }

    [Theory]
    [InlineData("user = no-such-user", "'charon.user = no-such-user': there is no such user on this host")]
    [InlineData("group = no-such-group", "'charon.group = no-such-group': there is no such group on this host")]
    [InlineData("user = 4711", "'charon.user = 4711' is no user of passwd(5), which would name the group: 'charon.group' has to")]
    public void Who_cannot_be_is_named(string lines, string problem)
    {
        Assert.Null(Read(lines, out var said));
        Assert.Equal(problem, said);
    }

    [Fact]
    public void What_one_writes_has_a_place_of_its_own()
    {
        var paths = Paths.Of("/usr/libexec/ipsec", _ => null);
        Assert.Equal(("/run/charon.host", "/run/charon.state/charon.host"), (paths.HostState, paths.OfUser().HostState));
        Assert.Equal((paths.CharonPidFile, paths.ViciSocket), (paths.OfUser().CharonPidFile, paths.OfUser().ViciSocket));
    }
}
