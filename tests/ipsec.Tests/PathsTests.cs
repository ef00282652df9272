// Where files lie, by prefix and by environment.
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class PathsTests
{
    static Paths Of(string directory, params (string, string)[] environment) => Paths.Of(directory, name => environment.FirstOrDefault(e => e.Item1 == name).Item2);

    [Fact]
    public void UnderUsr()
    {
        var p = Of("/usr/libexec/ipsec/");
        Assert.Equal(("/etc", "/run", "/etc/strongswan.conf"), (p.ConfDir, p.PidDir, p.StrongswanConf));
        Assert.Equal("/var/run/charon.pid", p.Printed(p.CharonPidFile));
        Assert.Equal("/run/starter.charon.pid", p.StarterPidFile);
        Assert.Equal("/usr/libexec/ipsec/charon", p.Charon);
    }

    [Fact]
    public void UnderAnotherPrefix()
    {
        var p = Of("/opt/x/libexec/ipsec");
        Assert.Equal(("/opt/x/etc/ipsec.conf", "/opt/x/var/run/charon.vici", "/opt/x/sbin"), (p.IpsecConf, p.ViciSocket, p.SbinDir));
        Assert.Equal(p.PidDir, p.Printed(p.PidDir));
    }

    [Fact]
    public void InABuildTree()
    {
        var p = Of("/somewhere/bin/debug/", ("IPSEC_PIDDIR", ""));
        Assert.Equal(("/etc", "/run/charon.pid", "/run/charon.host"), (p.ConfDir, p.CharonPidFile, p.HostState));
    }

    [Fact]
    public void TheEnvironmentOverrides()
    {
        var p = Of("/usr/libexec/ipsec", ("IPSEC_CONFDIR", "/a/"), ("IPSEC_PIDDIR", "/b"), ("IPSEC_DIR", "/c"), ("STRONGSWAN_CONF", "/d"), ("DAEMON_NAME", "iked"));
        Assert.Equal(("/a/ipsec.secrets", "/b/iked.pid", "/b/starter.iked.pid", "/c/charon", "/d"), (p.IpsecSecrets, p.CharonPidFile, p.StarterPidFile, p.Charon, p.StrongswanConf));
    }
}
