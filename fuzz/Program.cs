// fuzz TARGET|all [SECONDS] [SEED]: mutates inputs of one parser or door and runs them. fuzz TARGET FILE: runs one input again.
using System.Globalization;
using Cygnet.Fuzz;

if (args.Length is 0 or > 3)
{
    Console.Error.WriteLine($"usage: fuzz TARGET|all [SECONDS] [SEED]\n       fuzz TARGET FILE\ntargets: {string.Join(' ', Targets.All.Keys)}");
    return 64;
}
string[] names = args[0] == "all" ? [.. Targets.All.Keys] : [args[0]];
if (names.FirstOrDefault(n => !Targets.All.ContainsKey(n)) is { } unknown)
{
    Console.Error.WriteLine($"fuzz: no target '{unknown}'; there are {string.Join(' ', Targets.All.Keys)}");
    return 64;
}
var folder = Path.Combine(Environment.CurrentDirectory, "artifacts", "findings");
var findings = 0;
if (args.Length == 2 && File.Exists(args[1]))
{
    foreach (var name in names) Console.WriteLine($"{name}: {Targets.All[name]().Run(File.ReadAllBytes(args[1]))}");
    return 0;
}
var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60;
var seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : Environment.TickCount;
foreach (var name in names)
{
    var campaign = new Campaign(Targets.All[name](), folder);
    campaign.Run(TimeSpan.FromSeconds(seconds), seed);
    Console.WriteLine($"{name}: seed {seed}, {campaign.Tried} inputs tried, {campaign.Outcomes} outcomes, {campaign.Findings} findings");
    findings += campaign.Findings;
}
return findings == 0 ? 0 : 1;
