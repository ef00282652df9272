// Asking for a secret on the terminal, as getpass(3) does.
using System.Runtime.InteropServices;
using System.Text;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>The terminal of the process, whatever its standard streams are.</summary>
public static unsafe class Terminal
{
    const int MaxLine = 4096;

    // struct termios of <bits/termios.h>, the same on x86-64 and arm64: four flag words, of which c_lflag is the last; 60 bytes in all.
    const int TermiosBytes = 64, LocalFlags = 12, NowFlushing = 2;
    const uint Echo = 8, Signals = 1;

    /// <summary>
    /// Writes the text and reads a line without showing it. On /dev/tty; without one, from standard input with the text on standard error.
    /// Null at the end of input.
    /// </summary>
    public static byte[]? AskSecret(string text)
    {
        var terminal = Libc.Open("/dev/tty", OpenFlag.ReadWrite | OpenFlag.CloseOnExec);
        var (input, output) = terminal >= 0 ? (terminal, terminal) : (0, 2);
        Span<byte> old = stackalloc byte[TermiosBytes], quiet = stackalloc byte[TermiosBytes];
        fixed (byte* o = old, q = quiet)
        {
            var isTerminal = Libc.TcGetAttr(input, o) == 0;
            try
            {
                if (isTerminal)
                {
                    old.CopyTo(quiet);
                    // No signals either: one that ends the program would leave the terminal without echo.
                    MemoryMarshal.Cast<byte, uint>(quiet)[LocalFlags / sizeof(uint)] &= ~(Echo | Signals);
                    Libc.TcSetAttr(input, NowFlushing, q);
                }
                Write(output, Encoding.UTF8.GetBytes(text));
                var line = ReadLine(input);
                if (isTerminal) Write(output, "\n"u8);
                return line;
            }
            finally
            {
                if (isTerminal) Libc.TcSetAttr(input, NowFlushing, o);
                if (terminal >= 0) Libc.Close(terminal);
            }
        }
    }

    static byte[]? ReadLine(int input)
    {
        Span<byte> line = stackalloc byte[MaxLine];
        var length = 0;
        byte next;
        while (true)
        {
            var got = Libc.Read(input, &next, 1);
            if (got < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR) continue;
            if (got <= 0 && length == 0) return null;
            if (got <= 0 || next == (byte)'\n') break;
            if (length < MaxLine) line[length++] = next;
        }
        var secret = line[..length].ToArray();
        line.Clear();
        return secret;
    }

    static void Write(int output, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            for (nint done = 0; done < bytes.Length;)
            {
                var wrote = Libc.Write(output, start + done, bytes.Length - done);
                if (wrote > 0) done += wrote;
                else if (Marshal.GetLastPInvokeError() != Errno.EINTR) return;
            }
    }
}
