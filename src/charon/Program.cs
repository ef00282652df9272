// charon, the IKE daemon.
using Cygnet.Charon;
using Cygnet.Linux;

UnixSignal.TakeIgnored();
var line = CommandLine.Parse(args);
if (line.Error is { } error)
{
    Console.Error.WriteLine($"charon: {error}\n{CommandLine.Usage}");
    return ExitCode.InitializationFailed;
}
if (line.Help) Console.WriteLine(CommandLine.Usage);
else if (line.Version) Console.WriteLine($"Cygnet {Daemon.OwnVersion}");
else return await Daemon.Run(line, Paths.OfThisProcess());
return ExitCode.Success;
