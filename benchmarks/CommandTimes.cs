// What a person waits for: the ipsec command with thousands of connections in ipsec.conf, and with one tunnel.
using System.Globalization;
using System.Text;
using Cygnet.Interop.Testbed;

namespace Cygnet.Benchmarks;

/// <summary>
/// The same files and the same commands for both; the peer of the tunnels is Cygnet for both. Times are taken by the shell of the gateway, so that
/// they are those of whole processes. BENCH_CONNS: how many connections (10,000); BENCH_CALLS: how often each command is called (50; five times with all connections).
/// </summary>
static class CommandTimes
{
    const string Us = "192.168.0.1", Peer = "192.168.0.2", Psk = ": PSK \"a secret of the benchmark\"\n";
    const int Tunnels = 5, CallsWithAll = 5;

    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    static int Connections => Math.Max(2 * Tunnels, FromEnvironment.Number("BENCH_CONNS", 10_000));

    static int Calls => FromEnvironment.Number("BENCH_CALLS", 50);

    static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"peer-{i:00000}");

    // EPOCHREALTIME has microseconds, and costs no process.
    const string Clock = """
        now() { local t=$EPOCHREALTIME; echo $((${t%.*} * 1000000 + 10#${t#*.})); }
        # tell NAME: the milliseconds since $began
        tell() { local us=$(($(now) - began)); echo "$1 $((us / 1000)).$(printf %03d $((us % 1000)))"; }
        # timed NAME COUNT COMMAND…
        timed() { local i; for ((i = 0; i < $2; i++)); do began=$(now); "${@:3}" >/dev/null 2>&1; tell "$1"; done; }
        # listed CONNECTION WORDS: waits until statusall says so
        listed() { until ipsec statusall "$1" 2>/dev/null | grep -qF -- "$2"; do sleep 0.01; done; }

        """;

    public static void Run(Report report, int rounds)
    {
        Console.WriteLine($"{Connections} connections in ipsec.conf, {Tunnels} of them up; {Calls} calls of a short command, {CallsWithAll} of one that lists all");
        for (var round = 1; round <= rounds; round++)
            foreach (var product in (ReadOnlySpan<Product>)[Product.Cygnet, Product.StrongSwan])
            {
                Console.WriteLine($"round {round}: {product}");
                using var bed = new Bed($"bench-command-{product}");
                bed.Play(() => Measure(report, bed, product));
            }
    }

    static void Measure(Report report, Bed bed, Product product)
    {
        var (moon, sun) = (bed.Gateway("moon", product), bed.Gateway("sun", Product.Cygnet));
        bed.Cable(moon.Host, "eth0", sun.Host, "eth0").Dispose();
        moon.Host.AddAddress("eth0", $"{Us}/24");
        moon.Host.AddAddress("lo", "10.1.0.1/32");
        sun.Host.AddAddress("eth0", $"{Peer}/24");
        sun.Configure(Answering(), Psk);
        sun.Start();

        moon.Settings("filelog {\n log {\n default = -1\n }\n }");
        moon.Configure(Calling(Tunnels), Psk);
        Collect(report, product, "one tunnel", moon, $"""
            began=$(now)
            ipsec start >/dev/null 2>&1
            listed {Name(0)} {Name(0)}
            tell "start to listed, ms"
            began=$(now)
            ipsec up {Name(0)} >/dev/null
            tell "up, ms"
            timed "status, ms" {Calls} ipsec status
            timed "statusall, ms" {Calls} ipsec statusall
            timed "--version, ms" {Calls} ipsec --version
            began=$(now)
            ipsec stop >/dev/null 2>&1
            tell "stop, ms"
            """);

        var changed = Name(Connections / 2);
        moon.Configure(Calling(Connections), Psk);
        var many = string.Create(CultureInfo.InvariantCulture, $"{Connections:N0} connections");
        Collect(report, product, many, moon, $"""
            began=$(now)
            ipsec start >/dev/null 2>&1
            tell "start returns, ms"
            listed {Name(0)} {Name(0)}
            tell "start to first listed, ms"
            listed {Name(Connections - 1)} {Name(Connections - 1)}
            tell "start to all loaded, ms"
            """);
        Collect(report, product, many, moon, $"""
            up="up of the first, ms"
            for i in {string.Join(' ', Enumerable.Range(0, Tunnels).Select(Name))}; do
                began=$(now)
                ipsec up $i >/dev/null 2>&1
                tell "$up"
                up="up, ms"
            done
            timed "status, ms" {CallsWithAll} ipsec status
            timed "statusall, ms" {CallsWithAll} ipsec statusall
            timed "statusall of one, ms" {CallsWithAll} ipsec statusall {Name(Connections - 1)}
            for i in {string.Join(' ', Enumerable.Range(0, Tunnels).Select(Name))}; do
                began=$(now)
                ipsec down $i >/dev/null 2>&1
                tell "down, ms"
                ipsec up $i >/dev/null 2>&1
            done
            """);
        var before = UniqueIds(moon);
        moon.Write("ipsec.conf", Calling(Connections, Connections / 2));
        Collect(report, product, many, moon, $"""
            began=$(now)
            ipsec update >/dev/null 2>&1
            tell "update returns, ms"
            listed {changed} 172.31.255.0/28
            tell "update of one, ms"
            """);
        // What an update does not touch, goes on as it was: the same SAs, by the numbers that no other SA ever gets.
        var after = UniqueIds(moon);
        if (before.Length != Tunnels * 2 || !before.SequenceEqual(after))
            throw new BedFailure($"{product}: SAs before the update: {string.Join(' ', before)}; after it: {string.Join(' ', after)}");
        Collect(report, product, many, moon, """
            began=$(now)
            ipsec stop >/dev/null 2>&1
            tell "stop, ms"
            """);
    }

    static void Collect(Report report, Product product, string @case, Gateway gateway, string script)
    {
        var ran = gateway.Host.RunFor(s_patience, "bash", "-c", Clock + script).ShouldSucceed();
        foreach (var line in ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (line[..line.LastIndexOf(' ')], line[(line.LastIndexOf(' ') + 1)..]);
            report.Add(@case, name, product, double.Parse(value, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>name[1] and name{1} of all SAs, in order.</summary>
    static string[] UniqueIds(Gateway gateway) =>
    [
        .. gateway.Status().Output.Split('\n').Where(line => line.Contains("ESTABLISHED") || line.Contains("INSTALLED"))
            .Select(line => line.TrimStart().Split(':')[0]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The first few lead to the peer that there is, the others to nobody. One may have another network than it had.</summary>
    static string Calling(int count, int changed = -1)
    {
        var conf = new StringBuilder($"""
            config setup

            conn %default
            	keyexchange=ikev2
            	ike=aes128-sha256-x25519!
            	esp=aes128gcm16!
            	forceencaps=yes
            	authby=secret
            	left={Us}
            	leftid=@moon.cygnet.test
            	leftsubnet=10.1.0.0/24
            	auto=add

            """);
        for (var i = 0; i < count; i++)
        {
            var right = i < Tunnels ? Peer : string.Create(CultureInfo.InvariantCulture, $"10.{64 + i / 2500}.{i / 10 % 250}.{i % 10 + 1}");
            conf.Append(CultureInfo.InvariantCulture, $"\nconn {Name(i)}\n\tright={right}\n\trightid=@{Name(i)}.cygnet.test\n\trightsubnet={Network(i == changed ? -1 : i)}\n");
        }
        return conf.ToString();
    }

    static string Answering() => "config setup\n\tuniqueids=never\n" + string.Concat(Enumerable.Range(0, Tunnels).Select(i => $"""

        conn {Name(i)}
        	keyexchange=ikev2
        	ike=aes128-sha256-x25519!
        	esp=aes128gcm16!
        	authby=secret
        	left={Peer}
        	leftid=@{Name(i)}.cygnet.test
        	leftsubnet={Network(i)}
        	right={Us}
        	rightid=@moon.cygnet.test
        	rightsubnet=10.1.0.0/24
        	auto=add

        """));

    /// <summary>A network of sixteen addresses; that of -1 is nobody else's.</summary>
    static string Network(int i) => i < 0 ? "172.31.255.0/28" : string.Create(CultureInfo.InvariantCulture, $"172.{16 + i / 4096}.{i / 16 % 256}.{i % 16 * 16}/28");
}
