// ipsec update among hundreds of conns: it touches what has changed, and no tunnel that is up.
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class UpdateScenes
{
    const int Others = 300;

    /// <summary>As many answers may be missing one after the other, at ten a second, before it is the tunnel's fault and not the machine's.</summary>
    const int LongestGap = 15;

    /// <summary>net-1 and net-2 are up; net-3 is a child of the same connection; the others lead to nobody, three of them through a section that they share.</summary>
    static string Conf(string net3 = "10.2.3.0/24", string dpd = "none", int changed = -1, int without = -1, string more = "")
    {
        var conf = new StringBuilder($"""
            config setup

            conn %default
            	keyexchange=ikev2
            	mobike=no
            	authby=secret
            	ike=aes128-sha256-x25519!
            	esp=aes128gcm16!
            	left=192.168.0.1
            	leftid=@moon.cygnet.test
            	leftsubnet=10.1.0.0/16
            	auto=add

            conn to-sun
            	right=192.168.0.2
            	rightid=@sun.cygnet.test
            	auto=ignore

            conn shared
            	dpdaction={dpd}
            	dpddelay=77s
            	right=192.168.77.1
            	rightid=@nobody.cygnet.test
            	auto=ignore

            """.ReplaceLineEndings("\n"));
        foreach (var (name, net) in ((string, string)[])[("net-1", "10.2.0.0/24"), ("net-2", "10.2.1.0/24"), ("net-3", net3)])
            conf.Append($"\nconn {name}\n\talso=to-sun\n\trightsubnet={net}\n\tauto=add\n");
        for (var i = 1; i <= 3; i++) conf.Append(CultureInfo.InvariantCulture, $"\nconn sharer-{i}\n\talso=shared\n\trightsubnet=10.77.{i}.0/24\n\tauto=add\n");
        for (var i = 0; i < Others; i++)
            if (i != without)
                conf.Append(CultureInfo.InvariantCulture, $"\nconn other-{i}\n\tright=192.168.{80 + i / 200}.{i % 200 + 1}\n\trightid=@other-{i}.cygnet.test\n\trightsubnet=10.{(i == changed ? 99 : 80)}.{i % 250}.0/24\n");
        return conf.Append(more).ToString();
    }

    static string Sun() => "config setup\n" + string.Concat(((int[])[0, 1, 3]).Select(net => string.Create(CultureInfo.InvariantCulture, $"""

        conn net-{net}
        	keyexchange=ikev2
        	mobike=no
        	authby=secret
        	ike=aes128-sha256-x25519!
        	esp=aes128gcm16!
        	left=192.168.0.2
        	leftid=@sun.cygnet.test
        	leftsubnet=10.2.{net}.0/24
        	right=192.168.0.1
        	rightid=@moon.cygnet.test
        	rightsubnet=10.1.0.0/16
        	auto=add

        """))).ReplaceLineEndings("\n");

    [Fact]
    public void An_update_of_hundreds_leaves_what_is_up_alone()
    {
        var secret = $": PSK \"{Pair.Secret}\"\n";
        using var pair = new Pair("update", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            pair.Moon.Configure(Conf(), secret);
            pair.Sun.Configure(Sun(), secret);
            pair.Sun.Start();
            pair.Moon.Host.Run("ipsec", "start").ShouldSucceed();
            Wait.Until("all of them are loaded", () => Shows($"other-{Others - 1}", "=== 10.80."), 60);
            pair.Moon.Up("net-1").ShouldSay("connection 'net-1' established successfully");
            pair.Moon.Up("net-2").ShouldSay("connection 'net-2' established successfully");
            var before = (Moon: Sas(pair.Moon), Sun: Sas(pair.Sun));
            if (before.Moon.Count(c => c == '\n') != 3) throw new BedFailure($"one IKE_SA with two children was expected:\n{before.Moon}");
            using var first = Traffic("10.1.0.1", "10.2.0.1");
            using var second = Traffic("10.1.1.1", "10.2.1.1");
            Wait.Until("the tunnels carry traffic", () => first.Said.Contains("icmp_seq=2 ") && second.Said.Contains("icmp_seq=2 "));

            Update("another changes", Conf(changed: 150), () => Shows("other-150", "=== 10.99.150.0/24"));
            Update("a child of the same connection changes", Conf("10.2.3.0/25", changed: 150), () => Shows("net-1", "=== 10.2.3.0/25"));
            Update("one comes, one goes", Conf("10.2.3.0/25", changed: 150, without: 7, more: "\nconn new\n\tright=192.168.90.1\n\trightsubnet=10.90.0.0/24\n"),
                () => Shows("new", "=== 10.90.0.0/24") && !Shows("other-7", "other-7:"));
            // A child that is to be cleared says none, as in the reference; before, it says nothing.
            Update("a section that three share changes", Conf("10.2.3.0/25", "clear", 150, 7),
                () => !Shows("new", "new:") && pair.Moon.Host.Run("ipsec", "statusall", "sharer-1").Output.Split(", dpdaction=none").Length == 4);
            pair.Moon.Write("ipsec.d/cacerts/extra.pem", File.ReadAllText(TestPki.PathOf("ca.pem")));
            pair.Moon.Write("ipsec.secrets", secret + "@somebody.cygnet.test : PSK \"another secret\"\n");
            Update("an authority and a secret come", Conf("10.2.3.0/25", "clear", 150, 7, "\nca extra\n\tcacert=extra.pem\n\tcrluri=http://192.168.0.2/extra.crl\n\tauto=add\n"),
                () => pair.Moon.Host.Run("ipsec", "listcainfos").Output.Contains("extra.crl"));
            pair.Moon.Write("ipsec.secrets", secret);
            Update("they go again", Conf("10.2.3.0/25", "clear", 150, 7), () => !pair.Moon.Host.Run("ipsec", "listcainfos").Output.Contains("extra.crl"));

            // What has changed counts for what comes: onto the IKE_SA that has been there all the while.
            pair.Moon.Up("net-3").ShouldSay("connection 'net-3' established successfully", "=== 10.2.3.0/25");
            if (pair.Moon.Sas().Ike.Count != 1) throw new BedFailure("the changed conn made an IKE_SA of its own");
            pair.Moon.Ping("10.1.3.1", "10.2.3.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 40);
            // Long enough for a gap to be seen.
            Wait.Until("the traffic goes on", () => first.Said.Contains($"icmp_seq={3 * LongestGap} ") && second.Said.Contains($"icmp_seq={3 * LongestGap} "));
            NoGap(first);
            NoGap(second);

            Background Traffic(string from, string to) => pair.Moon.Host.Start("ping", "-i", "0.1", "-W", "2", "-O", "-I", from, to);

            bool Shows(string conn, string words) => pair.Moon.Host.Run("ipsec", "statusall", conn).Output.Contains(words);

            void Update(string what, string conf, Func<bool> isDone)
            {
                pair.Moon.Write("ipsec.conf", conf);
                pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
                Wait.Until($"the update is loaded: {what}", isDone);
                var now = (Moon: Sas(pair.Moon), Sun: Sas(pair.Sun));
                if (now != before) throw new BedFailure($"{what}, and the SAs are others:\n{now.Moon}{now.Sun}before that they were\n{before.Moon}{before.Sun}");
            }
        });
    }

    /// <summary>Each SA with its number and its SPIs, a line each.</summary>
    static string Sas(Gateway gateway)
    {
        var sas = gateway.Sas();
        return string.Concat(sas.Ike.Select(s => $"{s.Name}[{s.Id}] {s.State} {s.Spis}\n").Concat(sas.Children.Select(c => $"{c.Name}{{{c.Id}}} {c.State} {c.SpiIn} {c.SpiOut}\n")));
    }

    /// <summary>Single answers may be late or lost on a machine that has other things to do; a tunnel that was away is seen by many in a row.</summary>
    static void NoGap(Background ping)
    {
        int[] answered = [.. Answer().Matches(ping.Said).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).Order()];
        for (var i = 1; i < answered.Length; i++)
            if (answered[i] - answered[i - 1] > LongestGap) throw new BedFailure($"no answer between packets {answered[i - 1]} and {answered[i]}");
        if (answered.Length < LongestGap) throw new BedFailure($"only {answered.Length} answers:\n{ping.Said}");
    }

    [GeneratedRegex(@"bytes from \S+ icmp_seq=(\d+) ")]
    private static partial Regex Answer();
}
