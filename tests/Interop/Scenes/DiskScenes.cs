// Disks that are full, files that cannot be read or are cut short: tunnels stay, and what could not be done is done when it can.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class DiskScenes
{
    const string Fill = "head -c 1M /dev/zero >/mnt/ballast 2>/dev/null; true";

    // Not ours: what the bed and mount(8) have made.
    const string Left = "ls -A /run | grep -vxE 'lock|mount'";

    [Fact]
    public void A_log_on_a_full_disk_goes_on_when_there_is_room()
    {
        using var pair = new Pair("log-full", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { }.Write(pair);
            pair.Moon.Host.Shell("mount -t tmpfs -o size=64k tmpfs /mnt").ShouldSucceed();
            pair.Moon.Settings("filelog {\n small {\n path = /mnt/charon.log\n time_format = %b %e %T\n default = 2\n flush_line = yes\n }\n }");
            pair.Start();
            pair.Moon.Host.Shell(Fill);
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            const string failed = "writing to /mnt/charon.log failed: No space left on device";
            // The first lines may still fit into the file's last block.
            Wait.Until("the disk is full", () =>
            {
                pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net");
                return pair.Moon.Log.Contains(failed);
            }, 60);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Assert.Equal(2, pair.Moon.Log.Split(failed).Length);

            pair.Moon.Host.Shell("rm /mnt/ballast").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("writing to /mnt/charon.log works again, ", 20);
            Wait.Until("the log goes on", () => Small().Contains("log lines are lost"));
            // No line is a part of two.
            Assert.All(Small().Split('\n', StringSplitOptions.RemoveEmptyEntries).SkipLast(1), l => Assert.Matches(@"^(\w{3} [ \d]\d \d\d:\d\d:\d\d \d\d\[\w{3}\] .*|.{0,200})$", l));

            // Who empties the file makes room too: no hole stays in front.
            pair.Moon.Host.Shell(": >/mnt/charon.log").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net").ShouldSucceed();
            Wait.Until("the emptied log goes on", () => Small().Contains("CHILD_SA"));
            Assert.DoesNotContain('\0', Small());
            pair.Moon.Down("net-net");
            pair.Wire.ShouldContainOnlyEspAndIke();
            pair.ShouldBeClean();
        });

        string Small() => pair.Moon.Host.Shell("cat /mnt/charon.log").Output;
    }

    /// <summary>PID files, the control socket, the record of what is changed on the host: none of them can be written, of bytes or of files.</summary>
    [Fact]
    public void A_full_run_directory_takes_no_tunnel_and_is_recovered_from()
    {
        using var pair = new Pair("run-full", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            const string more = "conn more\n\talso=net-net\n\tleftsubnet=10.1.1.0/24\n\trightsubnet=10.2.1.0/24\n\tauto=add\n\n", updown = "leftupdown=\"env >/run/told.$PLUTO_CONNECTION\"";
            new Setup { Moon = ["auto=start", updown], More = more }.Write(pair);
            var (whole, addressing) = (File.ReadAllText(pair.Moon.PathOf("ipsec.conf")), pair.Moon.Host.Addressing());
            pair.Sun.Start();

            // No file more can be made, then one, then two.
            LimitFiles("+0");
            ShouldBeRefused();
            LimitFiles("+1");
            pair.Moon.Host.Run("ipsec", "start").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("/charon.pid': no space is left there; 'df ", 30);
            pair.Moon.Stop();
            Assert.Equal("", pair.Moon.Host.Shell(Left).Output);
            LimitFiles("+2");
            pair.Moon.Host.Run("ipsec", "start").ShouldSucceed();
            Wait.Until("it says what is missing and goes on", () => pair.Moon.Log.Split('\n').Any(l => l.Contains("creating vici socket") && l.Contains("No space left on device") && l.EndsWith("; it is tried again every 5s")), 30);
            // There is room: the socket comes, and with it the connections.
            LimitFiles("+1000");
            pair.Moon.ShouldHaveLogged("created vici socket ", 30);
            Wait.Until("the tunnel is up", () => pair.Moon.Host.Run("ipsec", "status").Output.Contains("INSTALLED, TUNNEL"), 60);
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

            // It fills up while tunnels are there: they stay, others come, files are read, whole or not at all.
            pair.Moon.Host.Shell("mount -o remount,size=64k /run; cat /dev/zero >/run/ballast 2>/dev/null; true");
            pair.Moon.Write("ipsec.conf", whole.Replace("10.2.1.0", "10.2.2.0"));
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Wait.Until("the file is read", () => pair.Moon.StatusAll().Output.Contains(" 10.2.2.0/24"), 30);
            pair.Moon.Write("ipsec.conf", whole);
            pair.Moon.Host.Run("ipsec", "reload").ShouldSucceed();
            Wait.Until("the file is read again", () => pair.Moon.StatusAll().Output.Contains("child:  10.1.1.0/24 === 10.2.1.0/24"), 30);
            pair.Moon.Up("more").ShouldSay("connection 'more' established successfully");
            pair.Moon.ShouldHaveLogged("/charon.host', after a crash addresses, name servers and what scripts set up would stay");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net").ShouldSucceed();
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

            // A daemon that dies now comes when there is room, and nothing leaves in clear until then.
            var refused = pair.Moon.Log.Split("/charon.pid': no space is left").Length;
            // Its own PID file goes, and makes room for another.
            using (pair.Moon.Host.Start("bash", "-c", "while :; do cat /dev/zero >>/run/ballast; sleep 0.1; done 2>/dev/null"))
            {
                pair.Moon.Host.Shell("kill -KILL $(cat /run/charon.pid)").ShouldSucceed();
                Wait.Until("the starter has tried again", () => pair.Moon.Log.Split("/charon.pid': no space is left").Length > refused, 60);
                if (pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0) throw new BedFailure("a packet arrived without a tunnel");
            }
            pair.Moon.Host.Shell("rm /run/ballast").ShouldSucceed();
            Wait.Until("the tunnel is back", () => pair.Moon.Host.Run("ipsec", "status").Output.Contains("INSTALLED, TUNNEL"), 60);
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke();
            pair.Moon.Stop();
            Assert.Equal("told.more\ntold.net-net\n", pair.Moon.Host.Shell(Left).Output);
            Assert.Equal(addressing, pair.Moon.Host.Addressing());
        });

        // A limit below what is used would be refused.
        void LimitFiles(string more) => pair.Moon.Host.Shell($"mount -o remount,nr_inodes=$(($(df --output=iused /run | tail -1) {more})) /run").ShouldSucceed();

        void ShouldBeRefused()
        {
            var refused = pair.Moon.Host.Run("ipsec", "start");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("unable to start Cygnet -- cannot write '", refused.Text);
            Assert.Contains("starter.charon.pid': no space is left there; 'df ", refused.Text);
            Assert.Equal("", pair.Moon.Host.Shell(Left).Output);
        }
    }

    [Fact]
    public void Files_that_cannot_be_read_or_are_half_written_change_nothing()
    {
        using var pair = new Pair("unreadable", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "ecdsa" }.Write(pair);
            pair.Start();
            string[] files = ["ipsec.conf", "ipsec.secrets"];
            var whole = files.ToDictionary(f => f, f => File.ReadAllText(pair.Moon.PathOf(f)));
            // root reads everything: who must not lacks the right to pass over modes
            string[] barred = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"];
            Works();

            pair.Moon.Host.Shell("chmod 000 $(ipsec --confdir)/ipsec.secrets").ShouldSucceed();
            pair.Moon.Host.Run([.. barred, "ipsec", "rereadsecrets"]).ShouldSay("the secrets that were loaded before stay");
            pair.Moon.Host.Shell("chmod 600 $(ipsec --confdir)/ipsec.secrets").ShouldSucceed();
            Works();

            foreach (var folder in (string[])["cacerts", "ocspcerts", "crls", "aacerts", "acerts"])
            {
                pair.Moon.Host.Shell($"chmod 000 $(ipsec --confdir)/ipsec.d/{folder}").ShouldSucceed();
                pair.Moon.Host.Run([.. barred, "ipsec", $"reread{folder}"]).ShouldSay("those that were loaded before stay");
                pair.Moon.Host.Shell($"chmod 755 $(ipsec --confdir)/ipsec.d/{folder}").ShouldSucceed();
            }
            Works();

            // An editor that was stopped, a copy over a line that broke: cut in the middle of a line.
            foreach (var file in files)
            {
                var text = whole[file];
                pair.Moon.Write(file, text[..(text.LastIndexOf(file == "ipsec.conf" ? "rightsubnet" : "pem", StringComparison.Ordinal) + 2)]);
                pair.Moon.Host.Run("ipsec", file == "ipsec.conf" ? "update" : "rereadsecrets");
                Works();
                pair.Moon.Write(file, text);
            }
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Works();
            pair.Wire.ShouldContainOnlyEspAndIke();
            pair.ShouldBeClean();
        });

        void Works()
        {
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
        }
    }
}
