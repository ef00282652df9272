// A command that asks on its terminal, and what is typed there.
using System.Text;

namespace Cygnet.Interop.Testbed;

/// <summary>Runs commands on a terminal of their own.</summary>
public static class Conversation
{
    // script(1) gives the terminal. Each answer waits for its prompt: what is typed before is thrown away with the echo. The answers are files,
    // so that none stands in a command line that somebody might mistake for the output.
    const string Script = """
        cd "$0" && mkfifo typed && : >shown || exit 99
        script -qfec "$1" shown <typed >/dev/null & job=$!
        exec 3>typed
        for n in $(seq "$2"); do
            tries=0
            until [ "$(grep -oE '(Passphrase|PIN): ' shown | wc -l)" -ge "$n" ]; do
                tries=$((tries + 1)); [ $tries -gt 600 ] && { kill $job; exit 98; }
                kill -0 $job 2>/dev/null || exit 97
                sleep 0.05
            done
            cat "answer$n" >&3
        done
        wait $job; status=$?
        cat shown
        exit $status
        """;

    /// <summary>Types the answers, one at each prompt; the result is what was to be seen.</summary>
    public static Ran Converse(this Gateway gateway, string command, params ReadOnlySpan<string> answers)
    {
        var folder = Directory.CreateDirectory(Path.Combine(gateway.Host.Folder, $"talk-{Guid.NewGuid():n}")).FullName;
        for (var i = 0; i < answers.Length; i++) File.WriteAllText(Path.Combine(folder, $"answer{i + 1}"), answers[i] + "\n", new UTF8Encoding(false));
        var ran = gateway.Host.Run("bash", "-c", Script, folder, command, $"{answers.Length}");
        // .NET puts the keys of a terminal into application mode before it first writes there.
        return ran with { Output = ran.Output.Replace("\r", "").Replace("\e[?1h\e=", "") };
    }
}
