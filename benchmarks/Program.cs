// Runs benchmarks by name: Cygnet and the peers in turn, in one run; a table on the screen, JSON beside it.
using Cygnet.Benchmarks;
using Cygnet.Interop.Testbed;

(string Name, string What, Action<Report, int> Run)[] all =
[
    ("handshake", "IKE set-ups at a responder under one load generator, by authentication and key exchange", Handshakes.Run),
    ("command", "what a person waits for: load, update, status, up and stop with thousands of connections, and the time of one command", CommandTimes.Run),
    ("scale", "many idle pairs of IKE_SA and CHILD_SA in one charon: memory, liveness checks, status", Scale.Run),
    ("esp", "TCP, CPU, datagrams and latency through a tunnel over each side's user-space plane", Esp.Run),
];

var rounds = int.TryParse(Environment.GetEnvironmentVariable("BENCH_ROUNDS"), out var asked) ? asked : 3;
if (args.FirstOrDefault(name => all.All(one => one.Name != name)) is { } unknown)
{
    Console.Error.WriteLine($"no benchmark named '{unknown}'; there are:");
    foreach (var (name, what, _) in all)
        Console.Error.WriteLine($"  {name,-12} {what}");
    return 64;
}

var failures = 0;
foreach (var (name, what, run) in all.Where(one => args.Length == 0 || args.Contains(one.Name)))
{
    Console.WriteLine($"=== {name}: {what}; {rounds} rounds, interleaved");
    var report = new Report(name);
    var clock = System.Diagnostics.Stopwatch.StartNew();
    try
    {
        run(report, rounds);
    }
    catch (BedFailure e)
    {
        Console.Error.WriteLine($"{name} failed: {e.Message}");
        failures++;
    }
    report.Print(Console.Out);
    Console.WriteLine($"{name} took {clock.Elapsed.TotalMinutes:0.0} minutes");
    Console.WriteLine($"as JSON: {report.Save()}");
}
return failures == 0 ? 0 : 1;
