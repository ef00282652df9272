// Starting programs with a deadline, output captured.
using System.Diagnostics;
using System.Text;

namespace Cygnet.Interop.Testbed;

/// <summary>Runs a program of this machine to its end, or ends it at the deadline.</summary>
public static class Command
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Ran Run(params ReadOnlySpan<string> words) => Run(Patience, null, words);

    public static Ran Run(TimeSpan patience, string? input, params ReadOnlySpan<string> words)
    {
        var shown = string.Join(' ', words);
        using var process = Start(words, input is not null);
        StringBuilder output = new(), errors = new();
        using var outputEnd = Collect(process.StandardOutput, output);
        using var errorsEnd = Collect(process.StandardError, errors);
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(5));
            throw new BedFailure($"'{shown}' did not end in {patience.TotalSeconds:0} s; so far it said:\n{Text(output)}{Text(errors)}");
        }
        // A daemon that inherited the streams may hold them open after its starter has left.
        Task.WaitAll([outputEnd, errorsEnd], TimeSpan.FromSeconds(1));
        return new Ran(shown, process.ExitCode, Text(output), Text(errors));
    }

    public static Process Start(ReadOnlySpan<string> words, bool withInput = false)
    {
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = withInput,
            UseShellExecute = false,
        };
        foreach (var word in words[1..])
            start.ArgumentList.Add(word);
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start) ?? throw new BedFailure($"cannot start {words[0]}");
    }

    static Task Collect(StreamReader reader, StringBuilder into) => Task.Factory.StartNew(() =>
    {
        var buffer = new char[4096];
        for (int n; (n = reader.Read(buffer)) > 0;)
            lock (into)
                into.Append(buffer, 0, n);
    }, TaskCreationOptions.LongRunning);

    static string Text(StringBuilder builder)
    {
        lock (builder)
            return builder.ToString();
    }
}
