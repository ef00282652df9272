// ESP through the user-space planes: a pair of Cygnets and a pair of strongSwans (kernel-libipsec), in turn.
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cygnet.Interop.Scenes;
using Cygnet.Interop.Testbed;

namespace Cygnet.Benchmarks;

/// <summary>What a tunnel carries, and what that costs both daemons together.</summary>
static partial class Esp
{
    const int Seconds = 5;

    static readonly (string Case, Product Product, string[] Lines)[] Cases =
    [
        ("aes128gcm16, ESP in UDP", Product.Cygnet, ["esp=aes128gcm16-x25519!", "forceencaps=yes"]),
        ("aes128gcm16, ESP in UDP", Product.StrongSwan, ["esp=aes128gcm16-x25519!", "forceencaps=yes"]),
        // strongSwan's user-space plane has no raw ESP.
        ("aes128gcm16, raw ESP", Product.Cygnet, ["esp=aes128gcm16-x25519!"]),
    ];

    public static void Run(Report report, int rounds)
    {
        for (var round = 1; round <= rounds; round++)
            foreach (var (name, product, lines) in Cases)
            {
                if (Environment.GetEnvironmentVariable("BENCH_ONLY") is { Length: > 0 } only && only != product.ToString())
                    continue;
                Console.WriteLine($"round {round}: {product}, {name}");
                using var pair = new Pair($"bench-{product}", product, product);
                pair.Bed.Play(() => Measure(report, pair, name, product, lines));
            }
    }

    static void Measure(Report report, Pair pair, string name, Product product, string[] lines)
    {
        new Setup { Both = ["ike=aes128-sha256-x25519!", .. lines] }.Write(pair);
        pair.Start();
        pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
        int[] daemons = [pair.Moon.CharonPid(), pair.Sun.CharonPid()];
        pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

        var latencies = PingTime().Matches(pair.Moon.Host.Run("ping", "-c", "1000", "-i", "0.002", "-I", "10.1.0.1", "10.2.0.1").Output)
            .Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) * 1000).Order().ToArray();
        report.Add(name, "round trip p50, us", product, latencies[latencies.Length / 2]);
        report.Add(name, "round trip p99, us", product, latencies[latencies.Length * 99 / 100]);

        foreach (var flows in (ReadOnlySpan<int>)[1, 8])
        {
            using var server = pair.Sun.Host.Start("iperf3", "-s", "-1", "-B", "10.2.0.1");
            Wait.Until("iperf3 listens", () => pair.Sun.Host.Shell("ss -ltn").Output.Contains(":5201"));
            var before = daemons.Sum(Usage.Cpu);
            var client = pair.Moon.Host.Run("iperf3", "-c", "10.2.0.1", "-B", "10.1.0.1", "-t", $"{Seconds}", "-P", $"{flows}", "-J").ShouldSucceed();
            var cpu = daemons.Sum(Usage.Cpu) - before;
            var received = JsonNode.Parse(client.Output)!["end"]!["sum_received"]!;
            var bytes = received["bytes"]!.GetValue<double>();
            report.Add(name, $"TCP {Flows(flows)}, Mbit/s", product, received["bits_per_second"]!.GetValue<double>() / 1e6);
            report.Add(name, $"TCP {Flows(flows)}, CPU s per GB", product, cpu / (bytes / 1e9));
        }
        report.Add(name, "UDP 1300 B loss-free, pps", product, Datagrams.LossFree(pair));
        report.Add(name, "memory at most, MB", product, daemons.Max(Usage.PeakMemory));
        pair.Wire.ShouldContainOnlyEspAndIke();
    }

    static string Flows(int flows) => flows == 1 ? "1 flow" : $"{flows} flows";

    [GeneratedRegex(@"time=([0-9.]+) ms")]
    private static partial Regex PingTime();
}
