// What the shells complete: bash asked by its function, zsh by a terminal that somebody types at.
using System.Diagnostics;

namespace Cygnet.Command.Tests;

static class Completion
{
    static readonly string s_scripts = Golden.PathOf("../../packaging/completion");

    /// <summary>What bash offers for the last of the words, sorted.</summary>
    /// <param name="confDir">What <c>ipsec --confdir</c> says.</param>
    /// <param name="words">The command line.</param>
    public static string[] OfBash(string confDir, params string[] words)
    {
        // The command is only asked where the configuration is, and how pki is used.
        var script = $"ipsec() {{ if [ \"$1\" = pki ]; then echo \"usage: pki $2 [--in file|--keyid hex]\"; else echo '{confDir}'; fi; }}\nsource '{s_scripts}/ipsec.bash'\nCOMP_WORDS=(\"$@\")\nCOMP_CWORD=$(($# - 1))\n_ipsec_complete\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n";
        return [.. Said("bash", ["-c", script, "bash", .. words]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    /// <summary>What stands in the line of a zsh after somebody has typed this and the tab key; all that the terminal has shown if the line never becomes <paramref name="wanted"/>.</summary>
    /// <param name="folder">An empty folder, for the scripts to lie beside each other as they are installed.</param>
    /// <param name="confDir">What <c>ipsec --confdir</c> says.</param>
    /// <param name="typed">What is typed before the tab key.</param>
    /// <param name="wanted">What is waited for.</param>
    public static string OfZsh(string folder, string confDir, string typed, string wanted)
    {
        var functions = Directory.CreateDirectory(Path.Combine(folder, "zsh", "site-functions")).FullName;
        var completions = Directory.CreateDirectory(Path.Combine(folder, "bash-completion", "completions")).FullName;
        File.Copy($"{s_scripts}/_ipsec", $"{functions}/_ipsec", overwrite: true);
        File.Copy($"{s_scripts}/ipsec.bash", $"{completions}/ipsec", overwrite: true);
        const string script = """
            zmodload zsh/zpty
            zpty z TERM=dumb zsh -f -i
            # Reads until it has seen this, or the terminal is silent for 20 seconds.
            wait_for() {
                local some
                shown=
                while for tries in {1..400}; do zpty -r -t z some && break; sleep 0.05; done; [[ -n $some ]]; do
                    shown+=$some
                    [[ $shown == *"$1"* ]] && return
                    some=
                done
                return 1
            }
            zpty -w z "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; ipsec() { echo $2 }; print re''ady"
            wait_for ready
            zpty -w -n z "$3"$'\t'
            if wait_for "$4"; then print -r -- "$4"; else print -r -- "${(V)shown}"; fi
            zpty -d z
            """;
        return Said("zsh", ["-f", "-c", script, "zsh", functions, confDir, typed, wanted]).TrimEnd('\n');
    }

    static string Said(string shell, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(shell, arguments) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2))) process.Kill(entireProcessTree: true);
        return said.Result;
    }
}

/// <summary>A theory that needs zsh.</summary>
sealed class ZshTheoryAttribute : TheoryAttribute
{
    public ZshTheoryAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, "zsh")))) Skip = "needs zsh";
    }
}
