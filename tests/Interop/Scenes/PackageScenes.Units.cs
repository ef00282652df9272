// The Debian package and systemd: what its scripts ask of systemd and when, what policy-rc.d forbids, and the links that come and go.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class PackageScenes
{
    // Does what a running systemd would do with the units, and writes down what it was asked to do. The links are Debian's own systemctl's business.
    const string Systemctl = """
        #!/bin/sh
        action=
        for word; do
            case $word in
                -*) ;;
                *) [ -n "$action" ] || action=$word; unit=$word ;;
            esac
        done
        case $action in
            is-enabled|preset) exec systemctl.real --root=/ "$@" ;;
            is-active)
                case $unit in
                    cygnet.service) [ -e /run/starter.charon.pid ] ;;
                    *) [ -e /run/charon.pid ] && [ ! -e /run/starter.charon.pid ] ;;
                esac
                exit
                ;;
            daemon-reload) unit= ;;
            start|stop|restart)
                case $action$unit in
                    *cygnet.service) ipsec "$action" >/dev/null 2>&1 || exit 1 ;;
                    startcygnet-swanctl.service)
                        /usr/libexec/ipsec/charon </dev/null >/dev/null 2>&1 &
                        until swanctl --load-all >/dev/null 2>&1; do sleep 0.1; done
                        ;;
                    stopcygnet-swanctl.service)
                        pid=$(cat /run/charon.pid)
                        kill -TERM $pid
                        while [ -e /proc/$pid ]; do sleep 0.1; done
                        ;;
                esac
                ;;
            *) exit 64 ;;
        esac
        echo "$action $unit" | sed 's/ $//' >>/run/asked

        """;

    const UnixFileMode Program = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.GroupRead | UnixFileMode.OtherExecute | UnixFileMode.OtherRead;

    [DebianFact]
    public void Its_scripts_ask_systemd_for_what_is_due()
    {
        using var bed = new Bed("package-units");
        bed.Play(() =>
        {
            var root = new DebianRoot(bed.Host("moon"));
            root.Install("systemd");
            root.Shell("mv /usr/bin/systemctl /usr/bin/systemctl.real && mkdir -p /run/systemd/system").ShouldSucceed();
            root.Write("/usr/bin/systemctl", Systemctl, Program);
            var files = root.Files();

            // Forbidden to start anything: enabled, as for the next boot, and not started.
            Forbid(root, true);
            root.Run("dpkg", "-i", s_first.Value).ShouldSucceed().ShouldSay("policy-rc.d returned 101");
            Assert.Equal("daemon-reload", Asked(root));
            Assert.Equal("/lib/systemd/system/cygnet.service", new FileInfo(root.PathOf("/etc/systemd/system/multi-user.target.wants/cygnet.service")).LinkTarget);
            foreach (var (unit, state) in (ReadOnlySpan<(string, string)>)[("cygnet", "enabled"), ("cygnet-swanctl", "disabled"), ("ipsec", "alias"), ("strongswan-starter", "alias"), ("strongswan", "alias")])
                Assert.Equal((unit, state), (unit, root.Run("systemctl.real", "--root=/", "is-enabled", $"{unit}.service").Output.Trim()));
            Assert.Equal("", Pid(root));
            root.Run("dpkg", "--remove", "cygnet").ShouldSucceed();
            Forbid(root, false);

            // Removed and back again: it starts, though dpkg has known the version before.
            Asked(root);
            root.Run("dpkg", "-i", s_first.Value).ShouldSucceed();
            Assert.Equal("daemon-reload, start cygnet.service", Asked(root));
            Wait.Until("charon runs", () => Pid(root) != "", 60);
            var pid = Pid(root);

            // Upgraded: not touched. What is disabled stays so.
            root.Run("systemctl.real", "--root=/", "disable", "cygnet.service").ShouldSucceed();
            root.Run("dpkg", "-i", s_second.Value).ShouldSucceed();
            Assert.Equal("daemon-reload", Asked(root));
            Assert.Equal(pid, Pid(root));
            Assert.Equal("disabled", root.Run("systemctl.real", "--root=/", "is-enabled", "cygnet.service").Output.Trim());
            root.Run("systemctl.real", "--root=/", "enable", "cygnet.service").ShouldSucceed();

            // A daemon that the new version does not understand is started anew, unless that is forbidden, with systemd or without.
            Forbid(root, true);
            Upgrade(root, s_first.Value).ShouldSay("policy-rc.d returned 101");
            Assert.Equal("daemon-reload", Asked(root));
            root.Shell("rmdir /run/systemd/system");
            Upgrade(root, s_second.Value).ShouldSay("policy-rc.d forbids it");
            Assert.Equal(pid, Pid(root));
            root.Shell("mkdir /run/systemd/system");
            Forbid(root, false);
            Upgrade(root, s_first.Value);
            Assert.Equal("daemon-reload, restart cygnet.service", Asked(root));
            Wait.Until("another charon runs", () => Pid(root) is { Length: > 0 } now && now != pid, 60);

            // Removed: stopped; no unit is masked, which would outlive the package. Purged: no link, no record.
            root.Run("dpkg", "--remove", "cygnet").ShouldSucceed();
            Assert.Equal("stop cygnet.service, daemon-reload", Asked(root));
            Assert.Equal("", Pid(root));
            Assert.DoesNotContain(root.Files(), line => line.StartsWith('l') && line.EndsWith("/etc/systemd/system/cygnet.service"));
            root.Run("dpkg", "--purge", "cygnet").ShouldSucceed();
            Assert.Equal(files, root.Files());

            // Whom charon-systemd served has swanctl.conf, and it stays so: at once, and when the machine starts again.
            root.Install("charon-systemd", "strongswan-swanctl");
            root.Write("/etc/swanctl/conf.d/own.conf", "connections {\n  own {\n    remote_addrs = 192.0.2.1\n    local {\n      auth = psk\n    }\n    remote {\n      auth = psk\n    }\n  }\n}\n");
            Asked(root);
            root.Run("dpkg", "-i", s_first.Value).ShouldSucceed();
            Assert.EndsWith("start cygnet-swanctl.service", Asked(root));
            Assert.Equal(("config-files", "installed"), (State(root, "charon-systemd"), State(root, "strongswan-swanctl")));
            root.Run("swanctl", "--list-conns").ShouldSucceed().ShouldSay("own: ");
            foreach (var (unit, state) in (ReadOnlySpan<(string, string)>)[("cygnet", "disabled"), ("cygnet-swanctl", "enabled")])
                Assert.Equal((unit, state), (unit, root.Run("systemctl.real", "--root=/", "is-enabled", $"{unit}.service").Output.Trim()));
            pid = Pid(root);
            root.Run("dpkg", "-i", s_second.Value).ShouldSucceed().ShouldSay("'systemctl restart cygnet-swanctl.service' brings in the new version");
            Assert.Equal(pid, Pid(root));
            Assert.Equal("disabled", root.Run("systemctl.real", "--root=/", "is-enabled", "cygnet.service").Output.Trim());
            Asked(root);
            root.Run("dpkg", "--remove", "cygnet").ShouldSucceed();
            Assert.Equal("stop cygnet-swanctl.service, daemon-reload", Asked(root));
            Assert.DoesNotContain("charon", root.Running());
            root.Run("dpkg", "--purge", "cygnet").ShouldSucceed();
            Assert.DoesNotContain(root.Files(), line => line.Contains("cygnet"));
        });
    }

    /// <summary>Installs a package over one that speaks otherwise to its daemon.</summary>
    static Ran Upgrade(DebianRoot root, string package)
    {
        root.Write("/usr/share/cygnet/protocol", "0\n");
        return root.Run("dpkg", "-i", package).ShouldSucceed().ShouldSay("the new version speaks otherwise to charon");
    }

    static void Forbid(DebianRoot root, bool isForbidden)
    {
        if (isForbidden) root.Write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", Program);
        else File.Delete(root.PathOf("/usr/sbin/policy-rc.d"));
    }

    /// <summary>What systemd was asked since this was called last.</summary>
    static string Asked(DebianRoot root) => string.Join(", ", root.Shell("cat /run/asked; rm -f /run/asked").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    static string Pid(DebianRoot root) => root.Shell("cat /run/charon.pid 2>/dev/null || true").Output;
}
