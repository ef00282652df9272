// What a daemon has used, as the kernel counts it. proc(5).
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cygnet.Benchmarks;

/// <summary>Processor time and memory of a process.</summary>
static partial class Usage
{
    const double TicksPerSecond = 100;

    /// <summary>Seconds of user and system time: utime and stime, fields 14 and 15 of stat.</summary>
    public static double Cpu(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Resident memory now, in KB.</summary>
    public static double Memory(int pid) => Kilobytes(Resident(), pid);

    /// <summary>The most that was ever resident, in MB.</summary>
    public static double PeakMemory(int pid) => Kilobytes(HighWater(), pid) / 1000;

    static double Kilobytes(Regex line, int pid) => Number(line.Match(File.ReadAllText($"/proc/{pid}/status")).Groups[1].Value) * 1.024;

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"VmRSS:\s+(\d+) kB")]
    private static partial Regex Resident();

    [GeneratedRegex(@"VmHWM:\s+(\d+) kB")]
    private static partial Regex HighWater();
}
