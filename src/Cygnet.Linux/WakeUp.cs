// Waking a thread that has nothing to do. futex(2).
using System.Runtime.InteropServices;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>
/// As an <see cref="AutoResetEvent"/> for one thread that waits, at two calls of the kernel for a wait and its end: the runtime's own takes three,
/// with two locks around them, and a shard waits thousands of times a second.
/// </summary>
public sealed unsafe class WakeUp
{
    const int Wait32Private = 0 | 128, Wake32Private = 1 | 128;

    // The number of the call is the processor's; on others than these the runtime's event does.
    static readonly int s_futex = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

    readonly AutoResetEvent? _event = s_futex == 0 ? new(false) : null;

    // 1: woken, and the thread has not seen it yet. A cache line of its own.
    readonly int* _word = (int*)NativeMemory.AlignedAlloc(64, 64);

    public WakeUp() => *_word = 0;

    ~WakeUp() => NativeMemory.AlignedFree(_word);

    /// <summary>Ends the wait, or the next one if there is none. Any thread.</summary>
    public void Set()
    {
        if (_event is not null) _event.Set();
        else if (Interlocked.Exchange(ref *_word, 1) == 0) _ = Libc.SystemCall(s_futex, _word, Wake32Private, 1, null, null, 0);
        GC.KeepAlive(this);
    }

    /// <summary>Waits so many milliseconds at most, negative: without end; may end for no reason. One thread only.</summary>
    public void Wait(int milliseconds)
    {
        if (_event is not null) _event.WaitOne(milliseconds);
        else if (Interlocked.Exchange(ref *_word, 0) == 0)
        {
            var time = new TimeSpec { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000L };
            _ = Libc.SystemCall(s_futex, _word, Wait32Private, 0, milliseconds < 0 ? null : &time, null, 0);
            Interlocked.Exchange(ref *_word, 0);
        }
        GC.KeepAlive(this);
    }
}
